/// @file
/// Settings that somebody changed in app.yml: by us, or with any editor, which is noticed when a deployment first goes
/// by them, and then who it was cannot be told.
#pragma once

#include "config/load.hpp"
#include "model/home.hpp"
#include "model/principal.hpp"
#include "store/store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace teal {

/// Into the app's history, if other values are in force than with its newest release; `settings` is the text of app.yml
/// now.
void note_changed_settings(Store& store, const std::string& app, const std::string& settings);

/// What app.yml says, by a name that messages give to it which tells nothing of this host.
[[nodiscard]] SettingsText app_settings_text(const Home& home, std::string_view app);

struct SettingsChange {
  std::string app;
  /// Given what app.yml says, what it is to say; nothing where that is not what whoever asks has seen.
  std::function<std::optional<std::string>(const SettingsText&)> edit;
  Principal by;
};
/// Writes app.yml anew, one change at a time, an action of who makes it. Throws Error(settings) "app.yml:LINE: …" where
/// it would not be valid; then it stays as it is. Returns what it says now, or nothing where `edit` did.
[[nodiscard]] std::optional<std::string> change_settings(const Home& home, Store& store, const SettingsChange& change);

} // namespace teal
