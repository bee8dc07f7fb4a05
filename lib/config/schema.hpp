/// @file
/// Schema: every key of the settings once, with its doc, its limits and the member it stands for. Loading, describing
/// and the templates all work from these lists.
#pragma once

#include "config/binding.hpp"
#include "config/settings.hpp"

#include <string_view>
#include <vector>

namespace teal {

struct SettingKey {
  /// Who may set it: app.yml only, or whoever can push as well.
  enum class Trust { server, pushed };

  std::string_view name; ///< with its sections: "health.interval"
  std::string_view doc;  ///< one line
  Binding binding;
  Trust trust = Trust::server;
};

/// The keys, in the order of the templates, bound to `settings`, which must outlive them.
[[nodiscard]] std::vector<SettingKey> schema_of(ServerSettings& settings);
[[nodiscard]] std::vector<SettingKey> schema_of(AppSettings& settings);

/// Keys that depend on each other, or are treated apart.
namespace key {
inline constexpr std::string_view k_container_port = "container_port";
inline constexpr std::string_view k_blue_port = "colors.blue.port";
inline constexpr std::string_view k_green_port = "colors.green.port";
inline constexpr std::string_view k_health_kind = "health.kind";
inline constexpr std::string_view k_health_command = "health.command";
inline constexpr std::string_view k_health_timeout = "health.timeout";
inline constexpr std::string_view k_health_deadline = "health.deadline";
inline constexpr std::string_view k_health_settle = "health.settle";
inline constexpr std::string_view k_limit_timeout = "limits.health_timeout";
inline constexpr std::string_view k_limit_deadline = "limits.health_deadline";
inline constexpr std::string_view k_limit_settle = "limits.health_settle";
} // namespace key

} // namespace teal
