/// @file
/// Plan: the settings in force for one commit: defaults, its own .tealhook.yml, and the server's app.yml over both; of
/// what was built elsewhere without the second.
#pragma once

#include "config/settings.hpp"
#include "git/repository.hpp"
#include "model/home.hpp"
#include "model/release.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace teal {

struct Plan {
  AppSettings settings;
  std::map<std::string, std::string> env; ///< run.env over the lines of run.env_file
  ReleaseSettings texts;                  ///< what both were read from
};

/// Throws Error(settings) with `path:line` for what is wrong in any of the files.
[[nodiscard]] Plan plan_for(const Home& home, std::string_view app, const git::Repository& repository,
                            const std::string& commit);

/// Of what was built elsewhere. Throws likewise.
[[nodiscard]] Plan plan_of_app(const Home& home, std::string_view app);

/// With the settings and variables that a release had when it ran last, and the ports, routes and ways to deploy of
/// now.
[[nodiscard]] Plan plan_for_release(const Home& home, std::string_view app, const ReleaseSettings& kept);

/// A path of the settings inside the work tree, links resolved. Throws Error(settings), naming `key`, if it is not
/// there or leads outside: whoever can push writes these links.
[[nodiscard]] std::filesystem::path inside_work_tree(const std::filesystem::path& work_tree,
                                                     const std::filesystem::path& path, std::string_view key);

struct BuildFiles {
  std::filesystem::path context;
  std::filesystem::path dockerfile;
};

/// What a build reads by name, links resolved. Throws Error(settings) as inside_work_tree() does, also for a
/// .dockerignore, which the engine's command line would follow anywhere, and if context or Dockerfile are of the wrong
/// kind.
[[nodiscard]] BuildFiles find_build_files(const std::filesystem::path& work_tree, const BuildSettings& settings);

} // namespace teal
