/// @file
/// Submodules: their repositories, fetched beforehand into bare repositories of our own.
///
/// The URL is written by whoever can push, so only https, http, ssh and git URLs (and scp-like ones) are followed:
/// never a path of this host, a "file:" or an "ext:" URL, or one that could be taken for an option. The commit id pins
/// what comes.
#pragma once

#include "git/repository.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace teal::git {

/// Throws Error(settings) unless `url` is one that a submodule may have.
void require_submodule_url(std::string_view url);

class SubmoduleSource {
public:
  /// `store`: the folder that keeps one bare repository a URL, made where missing. `environment`: for the git and ssh
  /// that fetch; no terminal is ever asked for a password. `interrupt`: as Command::interrupt.
  SubmoduleSource(std::filesystem::path store, Environment environment, Milliseconds deadline,
                  std::stop_token interrupt = {});

  /// The repository that has `commit`, fetched from `url` if it is not here yet. Throws Error(settings) for a refused
  /// URL, Error(environment) with git's last lines if the commit cannot be had.
  [[nodiscard]] Repository repository_with(const std::string& url, const std::string& commit);

private:
  void fetch(const std::filesystem::path& repository, const std::string& url, const std::string& commit) const;

  std::filesystem::path m_store;
  Environment m_environment;
  Milliseconds m_deadline;
  std::stop_token m_interrupt;
};

} // namespace teal::git
