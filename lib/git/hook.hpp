/// @file
/// Hook: tealhook's post-receive in a bare repository, beside a hook that was there before.
///
/// The hook is a link to the installed program; which app and color the repository deploys stands in its own git
/// configuration, so the link works from wherever the repository is moved.
#pragma once

#include "git/repository.hpp"
#include "model/color.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::git {

/// What a hooked repository deploys.
struct HookBinding {
  std::filesystem::path home; ///< absolute
  std::string app;
  Color color = Color::blue;
  bool live = false; ///< to the color that is idle, and live traffic follows

  /// "blue", "green" or "live".
  [[nodiscard]] std::string_view door() const { return live ? "live" : to_string(color); }
};

/// What the repository's configuration says (tealhook.home, tealhook.app, tealhook.color: a color or "live"). Nothing
/// if it has no hook of ours. Throws Error(settings) if that is damaged.
[[nodiscard]] std::optional<HookBinding> read_binding(const Repository& repository);

/// Link `program` as post-receive and store the binding. A hook that is there is kept as "post-receive.before-tealhook"
/// and called first by ours. Installing again renews link and binding. Throws Error(settings) if the repository is not
/// bare, or if a second hook would have to be kept.
void install_hook(Repository& repository, const HookBinding& binding, const std::filesystem::path& program);
/// Take ours out and put back what was there. False if there was none of ours.
bool remove_hook(Repository& repository);

/// The hook that was there before ours, if there is one to run.
[[nodiscard]] std::optional<std::filesystem::path> kept_hook(const Repository& repository);
/// How git would run it: by itself, or by the shell where it is a script that does not name its interpreter. Empty if
/// there is none.
[[nodiscard]] std::vector<std::string> kept_hook_command(const Repository& repository);
/// Whether the repository's post-receive is a link to `program`.
[[nodiscard]] bool is_installed(const Repository& repository, const std::filesystem::path& program);

} // namespace teal::git
