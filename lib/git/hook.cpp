#include "git/hook.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace teal::git {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_home_key = "tealhook.home";
constexpr const char* k_app_key = "tealhook.app";
constexpr const char* k_color_key = "tealhook.color";

fs::path hook_path(const Repository& repository) {
  return repository.hooks_folder() / "post-receive";
}
fs::path kept_path(const Repository& repository) {
  return repository.hooks_folder() / "post-receive.before-tealhook";
}

bool is_there(const fs::path& path) {
  return fs::exists(fs::symlink_status(path));
}

/// A link to any installed post-receive of ours: another version's, or a build tree's that is gone, too.
bool is_ours(const fs::path& hook) {
  std::error_code not_a_link;
  const fs::path to = fs::read_symlink(hook, not_a_link);
  return !not_a_link && to.filename() == "post-receive" && to.parent_path().filename() == "tealhook";
}

template <class Work>
void on_disk(const fs::path& folder, Work&& work) {
  try {
    work();
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::environment, fmt::format("cannot change the hooks in '{}': {}", folder.string(),
                                                    system_reason(error.code().value())));
  }
}

} // namespace

std::optional<HookBinding> read_binding(const Repository& repository) {
  const auto home = repository.config(k_home_key);
  const auto app = repository.config(k_app_key);
  const std::string where = repository.config(k_color_key).value_or("");
  const bool live = where == "live";
  const auto color = live ? Color::blue : parse_color(where);
  if (!home && !app) {
    return std::nullopt;
  }
  if (!home || !app || !color) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' does not say whole which app and color it deploys; install its hook again: "
                            "tealhook hook install {} --app NAME --color COLOR",
                            (repository.path() / "config").string(), repository.path().string()));
  }
  return HookBinding{*home, *app, *color, live};
}

void install_hook(Repository& repository, const HookBinding& binding, const fs::path& program) {
  if (!repository.is_bare()) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' is not a bare repository; a hook is installed where people push to",
                            repository.path().string()));
  }
  const fs::path hook = hook_path(repository);
  const bool has_another = is_there(hook) && !is_ours(hook);
  if (has_another && is_there(kept_path(repository))) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' is another's hook, and '{}' is kept already; make one of the two, then install again",
                            hook.string(), kept_path(repository).string()));
  }
  repository.set_config(k_home_key, binding.home.string());
  repository.set_config(k_app_key, binding.app);
  repository.set_config(k_color_key, std::string(binding.door()));
  on_disk(hook.parent_path(), [&] {
    fs::create_directories(hook.parent_path());
    if (has_another) {
      fs::rename(hook, kept_path(repository));
    }
    const fs::path fresh = hook.string() + ".new";
    fs::remove(fresh);
    fs::create_symlink(program, fresh);
    fs::rename(fresh, hook);
  });
}

bool remove_hook(Repository& repository) {
  const fs::path hook = hook_path(repository);
  const bool ours = is_ours(hook);
  on_disk(hook.parent_path(), [&] {
    if (ours) {
      fs::remove(hook);
    }
    if (!is_there(hook) && is_there(kept_path(repository))) {
      fs::rename(kept_path(repository), hook);
    }
  });
  for (const char* key : {k_home_key, k_app_key, k_color_key}) {
    repository.unset_config(key);
  }
  return ours;
}

std::optional<fs::path> kept_hook(const Repository& repository) {
  const fs::path kept = kept_path(repository);
  return ::access(kept.c_str(), X_OK) == 0 ? std::optional(kept) : std::nullopt;
}

std::vector<std::string> kept_hook_command(const Repository& repository) {
  const auto kept = kept_hook(repository);
  if (!kept) {
    return {};
  }
  std::array<char, 4> start{};
  std::ifstream(*kept, std::ios::binary).read(start.data(), start.size());
  const std::string_view text(start.data(), start.size());
  if (text.starts_with("#!") || text == "\x7f"
                                        "ELF") {
    return {kept->string()};
  }
  return {"/bin/sh", kept->string()};
}

bool is_installed(const Repository& repository, const fs::path& program) {
  std::error_code not_a_link;
  return fs::read_symlink(hook_path(repository), not_a_link) == program;
}

} // namespace teal::git
