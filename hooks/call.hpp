/// @file
/// Call: what git's call of a hook comes with, the same for each of ours.
#pragma once

#include "config/settings.hpp"
#include "git/hook.hpp"
#include "model/principal.hpp"
#include "process/subprocess.hpp"
#include "request/output.hpp"
#include "store/store.hpp"

#include <string>
#include <string_view>

namespace teal {

[[nodiscard]] std::string read_standard_input();

/// Runs the hook that was there before ours, as git would. Returns how it failed, or nothing.
std::string call_kept_hook(const git::Repository& repository, std::string_view name, const std::string& input,
                           Output& output);

/// Throws Error(settings) with what to do where the app is gone, or the home.
[[nodiscard]] AppSettings load_settings_of(const git::HookBinding& binding, const git::Repository& repository);

/// From now on each command of ours that `output` is told to advise names the home, where it is not the default one.
void name_home(const git::HookBinding& binding, Output& output);

/// Who pushed, as the layers before us know it: the key that sshd took ($TEALHOOK_KEY), the user that a web server or
/// gitolite did ($REMOTE_USER, $GL_USER), else the user we run as. To be asked before that changes.
[[nodiscard]] Principal pusher(const Environment& environment);
/// A key with what the store says it may: nothing, if it was removed. Anybody else as they are.
[[nodiscard]] Principal with_grants(const Store& store, Principal who);

} // namespace teal
