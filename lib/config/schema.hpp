/// @file
/// Schema: every key of the settings once, with its doc, its limits and the member it stands for. Loading, describing
/// and the templates all work from these lists.
///
/// A key stands for a value, or for groups: a list or a map of groups that have keys of their own. A group may have a
/// key "kind", which says what further keys the group has; a name may then be in its schema once a kind.
#pragma once

#include "config/binding.hpp"
#include "config/settings.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace teal {

struct Group;

/// A list of groups, or a map of them by name, bound to the member that they are in.
struct Groups {
  std::optional<TextRule> names;           ///< of a map; none: a list
  std::function<void(const Texts&)> make;  ///< puts new ones in place of those there are: one a name, or as many
  std::function<std::vector<Group>()> all; ///< those there are, bound; until they are made anew
};

struct SettingKey {
  /// Who may set it: app.yml only, or whoever can push as well.
  enum class Trust { server, pushed };
  /// In a group: `one_of` is for keys of which exactly one is there.
  enum class Need { optional, required, one_of };
  /// What else is so of a key in a group.
  struct InGroup {
    Texts kinds{}; ///< those that have it; empty: all
    Need need = Need::optional;
    bool unique = false; ///< no two groups of the list have the same value
  };

  std::string_view name; ///< with its sections: "health.interval"
  std::string_view doc;  ///< one line
  Binding binding{};     ///< of a value
  Trust trust = Trust::server;
  InGroup in_group{};
  std::optional<Groups> groups{}; ///< in place of a binding
  bool in_template = true;        ///< told in a new file; groups never are

  [[nodiscard]] bool is_of(const std::string& kind) const;
};

struct Group {
  std::string place; ///< what follows the name of the key: "[1]" or ".site"
  std::vector<SettingKey> keys;
};

/// The kind that a group of `keys` has now; empty where they have no key "kind".
[[nodiscard]] std::string kind_of(const std::vector<SettingKey>& keys);

/// The keys, in the order of the templates, bound to `settings`, which must outlive them.
[[nodiscard]] std::vector<SettingKey> schema_of(ServerSettings& settings);
[[nodiscard]] std::vector<SettingKey> schema_of(AppSettings& settings);
[[nodiscard]] std::vector<SettingKey> schema_of(RuleSettings& rule);
[[nodiscard]] std::vector<SettingKey> schema_of(TargetSettings& target);
[[nodiscard]] std::vector<SettingKey> schema_of(SourceSettings& source);
[[nodiscard]] std::vector<SettingKey> schema_of(ReceiverSettings& settings);
[[nodiscard]] std::vector<SettingKey> schema_of(ReceiverSettings::Source& source);

namespace as {

template <class Member>
Groups group_list(std::vector<Member>& members) {
  const auto make = [&members](const Texts& names) { members.assign(names.size(), Member()); };
  const auto all = [&members] {
    std::vector<Group> groups;
    for (Member& member : members) {
      groups.push_back({"[" + std::to_string(groups.size() + 1) + "]", schema_of(member)});
    }
    return groups;
  };
  return {std::nullopt, make, all};
}

template <class Member>
Groups group_map(std::map<std::string, Member>& members, const TextRule& names) {
  const auto make = [&members](const Texts& given) {
    members.clear();
    for (const std::string& name : given) {
      members.try_emplace(name);
    }
  };
  const auto all = [&members] {
    std::vector<Group> groups;
    for (auto& [name, member] : members) {
      groups.push_back({"." + name, schema_of(member)});
    }
    return groups;
  };
  return {names, make, all};
}

} // namespace as

/// Keys that depend on each other, or are treated apart.
namespace key {
inline constexpr std::string_view k_kind = "kind"; ///< of a group
inline constexpr std::string_view k_blue_port = "colors.blue.port";
inline constexpr std::string_view k_replicas = "run.replicas";
inline constexpr std::string_view k_green_port = "colors.green.port";
inline constexpr std::string_view k_health_kind = "health.kind";
inline constexpr std::string_view k_health_command = "health.command";
inline constexpr std::string_view k_health_timeout = "health.timeout";
inline constexpr std::string_view k_health_deadline = "health.deadline";
inline constexpr std::string_view k_health_settle = "health.settle";
inline constexpr std::string_view k_rules = "rules";
inline constexpr std::string_view k_target = "target";
inline constexpr std::string_view k_gate = "gate";
inline constexpr std::string_view k_quiet = "deploy.quiet";
inline constexpr std::string_view k_quiet_longest = "deploy.quiet_longest";
inline constexpr std::string_view k_engine_ca = "engine.ca";
inline constexpr std::string_view k_engine_certificate = "engine.certificate";
inline constexpr std::string_view k_engine_key = "engine.key";
inline constexpr std::string_view k_engine_known_hosts = "engine.known_hosts";
inline constexpr std::string_view k_engine_address = "engine.address";
inline constexpr std::string_view k_serve_certificate = "serve.certificate";
inline constexpr std::string_view k_serve_key = "serve.key";
inline constexpr std::string_view k_limit_timeout = "limits.health_timeout";
inline constexpr std::string_view k_limit_deadline = "limits.health_deadline";
inline constexpr std::string_view k_limit_settle = "limits.health_settle";
} // namespace key

} // namespace teal
