#include "target/plan.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "model/event.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "target/conventions.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_pushed_settings = ".tealhook.yml";
constexpr const char* k_procfile = "Procfile";
constexpr const char* k_app_json = "app.json";
constexpr const char* k_ignore_file = ".dockerignore"; ///< of a context; after a Dockerfile's name, of that alone
constexpr std::size_t k_pushed_limit = std::size_t{64} << 10U;

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

std::optional<SettingsText> named(std::string_view commit, const char* file, const std::optional<std::string>& text) {
  return text ? std::optional(SettingsText{fmt::format("{}:{}", commit, file), *text}) : std::nullopt;
}

CommitFiles files_of(const ReleaseSettings& texts, std::string_view commit) {
  return {named(commit, k_pushed_settings, texts.pushed), named(commit, k_procfile, texts.procfile),
          named(commit, k_app_json, texts.app_json)};
}

/// What runs with the settings of `texts`.
Plan plan_of(ReleaseSettings texts, const std::string& file, const CommitFiles& files) {
  const SettingsText own{file, texts.settings};
  Plan plan{parse_app_settings(own, files.settings), {}, std::move(texts)};
  if (plan.settings.is_one_image()) {
    plan.notes = follow_conventions(plan.settings, own, files);
  }
  return plan;
}

/// run.env wins over run.env_file, and what `tealhook env` set over both.
void merge_variables(Plan& plan, const std::string& env_file, const std::string& env) {
  plan.env = parse_env_file({env, plan.texts.own_env});
  plan.env.merge(std::map(plan.settings.run.env));
  plan.env.merge(parse_env_file({env_file, plan.texts.env}));
}

/// Of what the settings say now, and `texts` of the commit.
Plan plan_of_now(const Home& home, std::string_view app, const std::string& commit, ReleaseSettings texts) {
  const AppFolder folder = home.app(app);
  const std::string file = folder.settings().string();
  texts.settings = read_file(file);
  texts.own_env = read_own_env(folder);
  const CommitFiles files = files_of(texts, short_commit(commit));
  Plan plan = plan_of(std::move(texts), file, files);
  require_patience(files, load_server_settings(home).limits);
  const fs::path env_file = plan.settings.run.env_file;
  const fs::path path = folder.root / env_file; // an absolute one stays as it is
  plan.texts.env = env_file.empty() ? "" : read_file(path);
  merge_variables(plan, path.string(), folder.env().string());
  if (plan.settings.container_port != 0) {
    plan.settings.build.args.try_emplace("PORT", std::to_string(plan.settings.container_port));
  }
  return plan;
}

} // namespace

Plan plan_for(const Home& home, std::string_view app, const git::Repository& repository, const std::string& commit) {
  require_app(home, app);
  const auto read = [&](const char* file) { return repository.read_file(commit, file, k_pushed_limit); };
  return plan_of_now(home, app, commit,
                     {.settings = {},
                      .pushed = read(k_pushed_settings),
                      .env = {},
                      .procfile = read(k_procfile),
                      .app_json = read(k_app_json)});
}

Plan plan_for_restart(const Home& home, const Release& release, const ReleaseSettings& kept) {
  Plan plan = plan_of_now(home, release.app, release.commit, kept);
  plan.settings.deploy.before_switch.clear(); // were run when it came
  return plan;
}

Plan plan_of_app(const Home& home, std::string_view app) {
  require_app(home, app);
  return plan_of_now(home, app, "", {});
}

Plan plan_for_release(const Home& home, std::string_view app, const ReleaseSettings& kept) {
  const AppSettings now = load_app_settings(home, app);
  Plan plan = plan_of(kept, "app.yml of then", files_of(kept, "the release"));
  merge_variables(plan, "run.env_file of then", "env of then");
  plan.settings.run.replicas = now.run.replicas;
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
