#include "git/hook.hpp"

#include "core/error.hpp"
#include "process/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace teal::git {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_home_key = "tealhook.home";
constexpr const char* k_app_key = "tealhook.app";
constexpr const char* k_color_key = "tealhook.color";
constexpr const char* k_gate_key = "tealhook.gate";
constexpr std::array k_names{k_pre_receive, k_post_receive};

/// Where a hook is, and where the one is kept that was there before.
struct HookFile {
  fs::path hook;
  fs::path kept;
};

HookFile hook_file(const Repository& repository, std::string_view name) {
  const fs::path folder = repository.hooks_folder();
  return {folder / name, folder / fmt::format("{}.before-tealhook", name)};
}

/// A link to any installed hook of ours: another version's, or a build tree's that is gone, too.
bool is_ours(const fs::path& hook) {
  std::error_code not_a_link;
  const fs::path to = fs::read_symlink(hook, not_a_link);
  return !not_a_link && to.filename() == hook.filename() && to.parent_path().filename() == "tealhook";
}

bool is_anothers(const fs::path& hook) {
  return files::is_there(hook) && !is_ours(hook);
}

void install(const HookFile& file, const fs::path& program) {
  if (is_anothers(file.hook)) {
    files::rename(file.hook, file.kept);
  }
  const fs::path fresh = file.hook.string() + ".new";
  files::remove(fresh);
  files::create_symlink(program, fresh);
  files::rename(fresh, file.hook);
}

/// Whether there was a hook of ours.
bool remove(const HookFile& file) {
  const bool ours = is_ours(file.hook);
  if (ours) {
    files::remove(file.hook);
  }
  if (!files::is_there(file.hook) && files::is_there(file.kept)) {
    files::rename(file.kept, file.hook);
  }
  return ours;
}

template <class Work>
void change_hooks(const Repository& repository, Work&& work) {
  while_doing(fmt::format("changing the hooks in '{}'", repository.hooks_folder().string()), work);
}

} // namespace

std::optional<HookBinding> read_binding(const Repository& repository) {
  const auto home = repository.config(k_home_key);
  const auto app = repository.config(k_app_key);
  const auto destination = Destination::parse(repository.config(k_color_key).value_or(""));
  if (!home && !app) {
    return std::nullopt;
  }
  if (!home || !app || !destination || !(destination->color() || destination->moves_traffic())) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' does not say whole which app and color it deploys; install its hook again: "
                            "tealhook hook install {} --app NAME --color COLOR",
                            (repository.path() / "config").string(), repository.path().string()));
  }
  return HookBinding{*home, *app, *destination, repository.config(k_gate_key) == "true"};
}

void install_hooks(Repository& repository, const HookBinding& binding, const fs::path& programs) {
  if (!repository.is_bare()) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' is not a bare repository; a hook is installed where people push to",
                            repository.path().string()));
  }
  for (const char* name : k_names) {
    const auto [hook, kept] = hook_file(repository, name);
    if (is_anothers(hook) && files::is_there(kept)) {
      throw Error(ErrorKind::settings, fmt::format("'{}' is another's hook, and '{}' is kept already; make one of the "
                                                   "two, then install again",
                                                   hook.string(), kept.string()));
    }
  }
  repository.set_config(k_home_key, binding.home.string());
  repository.set_config(k_app_key, binding.app);
  repository.set_config(k_color_key, binding.destination.text());
  repository.set_config(k_gate_key, binding.gate ? "true" : "false");
  change_hooks(repository, [&] {
    files::create_directories(repository.hooks_folder());
    for (const char* name : k_names) {
      install(hook_file(repository, name), programs / name);
    }
  });
}

bool remove_hooks(Repository& repository) {
  bool ours = false;
  change_hooks(repository, [&] {
    for (const char* name : k_names) {
      ours |= remove(hook_file(repository, name));
    }
  });
  for (const char* key : {k_home_key, k_app_key, k_color_key, k_gate_key}) {
    repository.unset_config(key);
  }
  repository.remove_empty_section("tealhook");
  return ours;
}

std::optional<fs::path> kept_hook(const Repository& repository, std::string_view name) {
  const fs::path kept = hook_file(repository, name).kept;
  return ::access(kept.c_str(), X_OK) == 0 ? std::optional(kept) : std::nullopt;
}

std::vector<std::string> kept_hook_command(const Repository& repository, std::string_view name) {
  const auto kept = kept_hook(repository, name);
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

bool are_installed(const Repository& repository, const fs::path& programs) {
  return std::all_of(k_names.begin(), k_names.end(), [&](const char* name) {
    std::error_code not_a_link;
    return fs::read_symlink(hook_file(repository, name).hook, not_a_link) == programs / name;
  });
}

} // namespace teal::git
