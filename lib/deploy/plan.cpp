#include "deploy/plan.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "model/event.hpp"
#include "process/atomic_file.hpp"

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

} // namespace

Plan plan_for(const Home& home, std::string_view app, const git::Repository& repository, const std::string& commit) {
  std::optional<SettingsText> pushed;
  if (auto text = repository.read_file(commit, k_pushed_settings, k_pushed_limit)) {
    pushed = SettingsText{fmt::format("{}:{}", short_commit(commit), k_pushed_settings), std::move(*text)};
  }
  Plan plan{load_app_settings(home, app, pushed), {}};
  plan.env = plan.settings.run.env;
  if (const fs::path file = plan.settings.run.env_file; !file.empty()) {
    const fs::path path = home.app(app).root / file; // an absolute one stays as it is
    plan.env.merge(parse_env_file({path.string(), read_file(path)}));
  }
  return plan;
}

fs::path inside_work_tree(const fs::path& work_tree, const fs::path& path, std::string_view key) {
  const std::string name = path.lexically_normal().string();
  std::error_code missing;
  fs::path resolved = fs::canonical(work_tree / path, missing);
  if (missing) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not in the commit ({})", name, key));
  }
  if (!is_below(resolved, fs::canonical(work_tree))) {
    throw Error(ErrorKind::settings, fmt::format("'{}' leads out of the work tree ({})", name, key));
  }
  return resolved;
}

BuildFiles find_build_files(const fs::path& work_tree, const BuildSettings& settings) {
  const fs::path dockerfile = fs::path(settings.context) / settings.dockerfile;
  BuildFiles files{.context = inside_work_tree(work_tree, settings.context, "build.context"), .dockerfile = {}};
  if (!fs::is_directory(files.context)) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not a folder (build.context)", settings.context));
  }
  files.dockerfile = inside_work_tree(work_tree, dockerfile, "build.dockerfile");
  if (!fs::is_regular_file(files.dockerfile)) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' is not a file (build.dockerfile)", dockerfile.lexically_normal().string()));
  }
  for (const fs::path& ignore : {files.context / k_ignore_file, fs::path(files.dockerfile) += k_ignore_file}) {
    if (fs::is_symlink(ignore)) {
      static_cast<void>(
          inside_work_tree(work_tree, ignore.lexically_relative(fs::canonical(work_tree)), "read by the build"));
    }
  }
  return files;
}

} // namespace teal
