#include "api/settings_patch.hpp"

#include "config/edit.hpp"
#include "config/yaml.hpp"
#include "core/text.hpp"
#include "report/settings.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace teal::api {

namespace {

namespace json = boost::json;

/// YAML of one line. What is null in a map means that the key is not there (RFC 7396, 2).
std::string yaml_of(const json::value& value) {
  std::vector<std::string> parts;
  switch (value.kind()) {
  case json::kind::string:
    return yaml_scalar(std::string_view(value.get_string()));
  case json::kind::array:
    for (const json::value& item : value.get_array()) {
      parts.push_back(yaml_of(item));
    }
    return fmt::format("[{}]", join(parts, ", "));
  case json::kind::object:
    for (const auto& entry : value.get_object()) {
      if (!entry.value().is_null()) {
        parts.push_back(fmt::format("{}: {}", yaml_scalar(std::string_view(entry.key())), yaml_of(entry.value())));
      }
    }
    return fmt::format("{{{}}}", join(parts, ", "));
  default:
    return json::serialize(value);
  }
}

bool has_values(const json::object& object) {
  return std::any_of(object.begin(), object.end(), [](const auto& entry) { return !entry.value().is_null(); });
}

class Patcher {
public:
  explicit Patcher(SettingsText text) : m_text(std::move(text)) {}

  /// `here` is what the text says at the path, or nothing.
  void apply(const json::object& patch, const json::value* here) {
    for (const auto& entry : patch) {
      m_path.emplace_back(entry.key());
      const auto* object = here == nullptr ? nullptr : here->if_object();
      set(entry.value(), object == nullptr ? nullptr : object->if_contains(entry.key()));
      m_path.pop_back();
    }
  }
  [[nodiscard]] std::string text() && { return std::move(m_text.text); }

private:
  void set(const json::value& wanted, const json::value* here) {
    const auto* object = wanted.if_object();
    const bool is_missing = here == nullptr || here->is_null();
    if (object != nullptr && (is_missing ? has_values(*object) : here->is_object())) {
      return apply(*object, here);
    }
    m_text.text = edit_settings(m_text, m_path, wanted.is_null() ? std::nullopt : std::optional(yaml_of(wanted)));
  }

  SettingsText m_text;
  SettingPath m_path;
};

} // namespace

std::string patched_settings(SettingsText text, const json::object& patch) {
  const json::value now = settings_json(text);
  Patcher patcher(std::move(text));
  patcher.apply(patch, &now);
  return std::move(patcher).text();
}

} // namespace teal::api
