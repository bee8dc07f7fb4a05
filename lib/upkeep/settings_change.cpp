#include "upkeep/settings_change.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <chrono>
#include <map>

namespace teal {

namespace {

/// Each key with its value. Empty where the text does not parse, as one of an older version may not.
std::map<std::string, std::string> values_of(const std::string& settings) try {
  std::map<std::string, std::string> values;
  for (const SettingValue& value : describe_app_settings({"app.yml", settings}, std::nullopt)) {
    values.emplace(value.key, value.value);
  }
  return values;
} catch (const Error&) {
  return {};
}

/// Names of keys that have other values.
std::vector<std::string> changed_keys(const std::string& before, const std::string& after) {
  const auto then = values_of(before);
  std::vector<std::string> changed;
  for (const auto& [key, value] : values_of(after)) {
    const auto old = then.find(key);
    if (old == then.end() || old->second != value) {
      changed.push_back(key);
    }
  }
  return changed;
}

constexpr std::chrono::seconds k_patience(10);

FileLock lock_settings(const AppFolder& folder, std::string_view app) {
  if (auto lock = FileLock::acquire_any({folder.settings_lock()}, k_patience)) {
    return std::move(*lock);
  }
  throw Error(ErrorKind::busy, fmt::format("the settings of '{}' are being changed; try again", app));
}

} // namespace

void note_changed_settings(Store& store, const std::string& app, const std::string& settings) {
  const auto releases = store.history.releases(app);
  const auto before = releases.empty() ? std::nullopt : store.history.release_settings(releases.front().id);
  if (!before || before->settings == settings) {
    return;
  }
  if (const auto changed = changed_keys(before->settings, settings); !changed.empty()) {
    store.actions.add(
        {.app = app, .verb = "settings", .who = "", .at = {}, .text = fmt::format("app.yml: {}", join(changed, ", "))});
  }
}

SettingsText app_settings_text(const Home& home, std::string_view app) {
  return {"app.yml", read_file(home.app(app).settings())};
}

std::optional<std::string> change_settings(const Home& home, Store& store, const SettingsChange& change) {
  const AppFolder folder = home.app(change.app);
  const FileLock lock = lock_settings(folder, change.app);
  const SettingsText before = app_settings_text(home, change.app);
  auto after = change.edit(before);
  if (!after || *after == before.text) {
    return after;
  }
  static_cast<void>(parse_app_settings({before.name, *after}, std::nullopt));
  const auto mode = static_cast<mode_t>(files::permissions_of(folder.settings()));
  write_file(folder.settings(), *after, mode);
  const auto changed = changed_keys(before.text, *after);
  store.actions.add({.app = change.app,
                     .verb = "settings",
                     .who = change.by.text(),
                     .at = {},
                     .text = fmt::format("app.yml: {}", changed.empty() ? "its text" : join(changed, ", ")),
                     .origin = change.by.origin});
  return after;
}

} // namespace teal
