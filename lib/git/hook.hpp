/// @file
/// Hook: tealhook's hooks in a bare repository, beside hooks that were there before.
///
/// Each is a link to the installed program of its name; which app and color the repository deploys stands in its own
/// git configuration, so the links work from wherever the repository is moved.
#pragma once

#include "git/repository.hpp"
#include "model/destination.hpp"

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
  Destination destination = Color::blue; ///< a color, or live
  bool gate = false;                     ///< what does not build is refused, whatever the app's settings say
};

/// The programs that git runs, by the names it knows them by.
inline constexpr const char* k_pre_receive = "pre-receive";
inline constexpr const char* k_post_receive = "post-receive";

/// What the repository's configuration says (tealhook.home, tealhook.app, tealhook.color: a color or "live", and
/// tealhook.gate). Nothing if it has no hook of ours. Throws Error(settings) if that is damaged.
[[nodiscard]] std::optional<HookBinding> read_binding(const Repository& repository);

/// Link the programs in `programs`, a folder, as hooks, and store the binding. A hook that is there is kept as
/// "NAME.before-tealhook" and called first by ours. Installing again renews links and binding. Throws Error(settings)
/// if the repository is not bare, or if a second hook of a name would have to be kept.
void install_hooks(Repository& repository, const HookBinding& binding, const std::filesystem::path& programs);
/// Take ours out and put back what was there. False if there was none of ours.
bool remove_hooks(Repository& repository);

/// The hook `name` that was there before ours, if there is one to run.
[[nodiscard]] std::optional<std::filesystem::path> kept_hook(const Repository& repository, std::string_view name);
/// How git would run it: by itself, or by the shell where it is a script that does not name its interpreter. Empty if
/// there is none.
[[nodiscard]] std::vector<std::string> kept_hook_command(const Repository& repository, std::string_view name);
/// Whether the repository's hooks are links into `programs`.
[[nodiscard]] bool are_installed(const Repository& repository, const std::filesystem::path& programs);

} // namespace teal::git
