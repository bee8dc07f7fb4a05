#include "upkeep/settings_change.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

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

} // namespace

void note_changed_settings(Store& store, const std::string& app, const std::string& settings) {
  const auto releases = store.history.releases(app);
  const auto before = releases.empty() ? std::nullopt : store.history.release_settings(releases.front().id);
  if (!before || before->settings == settings) {
    return;
  }
  const auto then = values_of(before->settings);
  std::vector<std::string> changed;
  for (const auto& [key, value] : values_of(settings)) {
    const auto old = then.find(key);
    if (old == then.end() || old->second != value) {
      changed.push_back(key);
    }
  }
  if (!changed.empty()) {
    store.actions.add(
        {.app = app, .verb = "settings", .who = "", .at = {}, .text = fmt::format("app.yml: {}", join(changed, ", "))});
  }
}

} // namespace teal
