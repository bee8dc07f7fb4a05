#include "target/plan.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "model/event.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_pushed_settings = ".tealhook.yml";
constexpr const char* k_ignore_file = ".dockerignore"; ///< of a context; after a Dockerfile's name, of that alone
constexpr std::size_t k_pushed_limit = std::size_t{64} << 10U;

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

std::optional<SettingsText> pushed_settings(const ReleaseSettings& texts, std::string_view commit) {
  return texts.pushed ? std::optional(SettingsText{fmt::format("{}:{}", commit, k_pushed_settings), *texts.pushed})
                      : std::nullopt;
}

/// What the settings may say and nothing acts on yet must not look as if it did.
void require_acted_on(const std::string& file, const AppSettings& settings) {
  const auto refuse = [&](std::string_view key) {
    throw Error(ErrorKind::settings, fmt::format("{}: '{}' is understood, but this version does not act on it yet; "
                                                 "take it out",
                                                 file, key));
  };
  for (const SourceSettings& source : settings.sources) {
    if (source.kind != SourceSettings::Kind::webhook) {
      refuse(fmt::format("sources.{}.kind", source.name));
    }
  }
  if (settings.deploy.quiet.count() != 0) {
    refuse("deploy.quiet");
  }
}

} // namespace

Plan plan_for(const Home& home, std::string_view app, const git::Repository& repository, const std::string& commit) {
  require_app(home, app);
  const std::string file = home.app(app).settings().string();
  ReleaseSettings texts{.settings = read_file(file),
                        .pushed = repository.read_file(commit, k_pushed_settings, k_pushed_limit),
                        .env = {}};
  const auto pushed = pushed_settings(texts, short_commit(commit));
  Plan plan{parse_app_settings({file, texts.settings}, pushed), {}, std::move(texts)};
  require_acted_on(file, plan.settings);
  if (pushed) {
    require_patience(*pushed, load_server_settings(home).limits);
  }
  plan.env = plan.settings.run.env;
  if (const fs::path variables = plan.settings.run.env_file; !variables.empty()) {
    const fs::path path = home.app(app).root / variables; // an absolute one stays as it is
    plan.texts.env = read_file(path);
    plan.env.merge(parse_env_file({path.string(), plan.texts.env}));
  }
  return plan;
}

Plan plan_for_release(const Home& home, std::string_view app, const ReleaseSettings& kept) {
  const AppSettings now = load_app_settings(home, app);
  Plan plan{parse_app_settings({"app.yml of then", kept.settings}, pushed_settings(kept, "the release")), {}, kept};
  plan.env = plan.settings.run.env;
  plan.env.merge(parse_env_file({"run.env_file of then", kept.env}));
  plan.settings.ports = now.ports;
  plan.settings.bind = now.bind;
  plan.settings.route = now.route;
  plan.settings.branches = now.branches;
  plan.settings.rules = now.rules;
  plan.settings.target = now.target;
  plan.settings.targets = now.targets;
  plan.settings.sources = now.sources;
  plan.settings.deploy = now.deploy;
  return plan;
}

fs::path inside_work_tree(const fs::path& work_tree, const fs::path& path, std::string_view key) {
  const std::string name = path.lexically_normal().string();
  std::error_code missing;
  fs::path resolved = fs::canonical(work_tree / path, missing);
  if (missing) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not in the commit ({})", name, key));
  }
  if (!is_below(resolved, files::canonical(work_tree))) {
    throw Error(ErrorKind::settings, fmt::format("'{}' leads out of the work tree ({})", name, key));
  }
  return resolved;
}

BuildFiles find_build_files(const fs::path& work_tree, const BuildSettings& settings) {
  const fs::path dockerfile = fs::path(settings.context) / settings.dockerfile;
  BuildFiles files{.context = inside_work_tree(work_tree, settings.context, "build.context"), .dockerfile = {}};
  if (!files::is_folder(files.context)) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not a folder (build.context)", settings.context));
  }
  files.dockerfile = inside_work_tree(work_tree, dockerfile, "build.dockerfile");
  if (!files::is_file(files.dockerfile)) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' is not a file (build.dockerfile)", dockerfile.lexically_normal().string()));
  }
  for (const fs::path& ignore : {files.context / k_ignore_file, fs::path(files.dockerfile) += k_ignore_file}) {
    if (files::is_link(ignore)) {
      static_cast<void>(
          inside_work_tree(work_tree, ignore.lexically_relative(files::canonical(work_tree)), "read by the build"));
    }
  }
  return files;
}

} // namespace teal
