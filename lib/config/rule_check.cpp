#include "config/rule_check.hpp"

#include "core/glob.hpp"
#include "core/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace teal {

namespace {

constexpr std::string_view k_docker = "docker";
constexpr std::array<std::string_view, 5> k_words{"blue", "green", "idle", "live", "none"};

Texts names_of(const std::map<std::string, TargetSettings>& targets) {
  Texts names;
  for (const auto& [name, target] : targets) {
    names.push_back(name);
  }
  return names;
}

/// "'targets' has none of that name (did you mean 'site'?)".
std::string not_there(const std::string& name, const Texts& targets, Texts words) {
  words.insert(words.end(), targets.begin(), targets.end());
  const std::string meant = nearest(name, words);
  return "'targets' has none of that name" + (meant.empty() ? "" : fmt::format(" (did you mean '{}'?)", meant));
}

std::string rule_key(std::size_t index, std::string_view key) {
  return fmt::format("{}[{}].{}", key::k_rules, index + 1, key);
}

/// "branch 'main'".
std::string pattern_text(const RuleSettings& rule) {
  return rule.tag.empty() ? fmt::format("branch '{}'", rule.branch) : fmt::format("tag '{}'", rule.tag);
}

bool takes_all_of(const RuleSettings& earlier, const RuleSettings& later) {
  const bool same_kind = earlier.tag.empty() == later.tag.empty();
  return same_kind &&
         (later.tag.empty() ? covers_glob(earlier.branch, later.branch) : covers_glob(earlier.tag, later.tag));
}

} // namespace

void require_targets(const AppSettings& settings, const Origins& origins) {
  const Texts names = names_of(settings.targets);
  for (std::size_t i = 0; i < settings.rules.size(); ++i) {
    const std::string& to = settings.rules[i].deploy;
    if (std::find(k_words.begin(), k_words.end(), to) == k_words.end() && !settings.targets.contains(to)) {
      const std::string key = rule_key(i, "deploy");
      fail_at(origins.find(key)->second,
              fmt::format("'{}' is '{}': {}", key, to, not_there(to, names, {k_words.begin(), k_words.end()})));
    }
  }
  for (std::size_t i = 0; i < settings.rules.size(); ++i) {
    const auto target = settings.targets.find(settings.rules[i].deploy);
    if (target != settings.targets.end() && target->second.has_colors()) {
      const std::string key = rule_key(i, "deploy");
      fail_at(
          origins.find(key)->second,
          fmt::format("'{}' is '{}', which is how colors are run: give blue, green, idle or live", key, target->first));
    }
  }
  if (settings.target == k_docker) {
    return;
  }
  const auto fail = [&](const std::string& why) {
    fail_at(origins.find(key::k_target)->second, fmt::format("'{}' is '{}': {}", key::k_target, settings.target, why));
  };
  if (!settings.targets.contains(settings.target)) {
    fail(not_there(settings.target, names, {std::string(k_docker)}));
  }
  if (!settings.targets.at(settings.target).has_colors()) {
    fail("a target of kind command or git cannot be blue or green; give it to a rule");
  }
  const auto kind = settings.targets.at(settings.target).kind;
  if (settings.gate && kind == TargetSettings::Kind::compose) {
    fail_at(origins.find(key::k_gate)->second,
            fmt::format("'{}' is true, and '{}' is of kind compose, which has no gate: leave it out", key::k_gate,
                        settings.target));
  }
  if (settings.run.replicas != 1) {
    fail_at(origins.find(key::k_replicas)->second,
            fmt::format("'{}' is {}, and '{}' is of kind {}, {}: leave it out", key::k_replicas, settings.run.replicas,
                        settings.target, to_string(kind),
                        kind == TargetSettings::Kind::swarm ? "which has 'replicas' of its own"
                                                            : "of which one container answers"));
  }
}

std::vector<std::string> unreachable_rules(const std::vector<RuleSettings>& rules, const Origins& origins) {
  std::vector<std::string> findings;
  for (auto later = rules.begin(); later != rules.end(); ++later) {
    const auto earlier =
        std::find_if(rules.begin(), later, [&](const auto& rule) { return takes_all_of(rule, *later); });
    if (earlier == later) {
      continue;
    }
    const auto index = static_cast<std::size_t>(later - rules.begin());
    const std::string key = rule_key(index, later->tag.empty() ? "branch" : "tag");
    findings.push_back(fmt::format("{}: rule {} ({}) can never match: rule {} ({}) takes all of it first",
                                   origins.find(key)->second, index + 1, pattern_text(*later),
                                   earlier - rules.begin() + 1, pattern_text(*earlier)));
  }
  return findings;
}

} // namespace teal
