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
  std::error_code missing;
  const fs::path resolved = fs::canonical(work_tree / path, missing);
  if (missing) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not in the commit ({})", path.string(), key));
  }
  if (!is_below(resolved, fs::canonical(work_tree))) {
    throw Error(ErrorKind::settings, fmt::format("'{}' leads out of the work tree ({})", path.string(), key));
  }
  return resolved;
}

} // namespace teal
