#include "model/rule.hpp"

#include "core/glob.hpp"
#include "core/text.hpp"
#include "model/event.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr std::string_view k_branch_prefix = "refs/heads/";
constexpr std::string_view k_tag_prefix = "refs/tags/";

std::string_view name_of(Rule::Kind kind) {
  return kind == Rule::Kind::branch ? "branch" : "tag";
}

bool matches(const Rule& rule, std::string_view ref) {
  const std::string_view prefix = rule.kind == Rule::Kind::branch ? k_branch_prefix : k_tag_prefix;
  return ref.starts_with(prefix) && matches_glob(rule.pattern, ref.substr(prefix.size()));
}

std::vector<std::string> patterns_of(const std::vector<Rule>& rules, Rule::Kind kind) {
  std::vector<std::string> patterns;
  for (const Rule& rule : rules) {
    if (rule.kind == kind && rule.deploys) {
      patterns.push_back(printable(rule.pattern));
    }
  }
  return patterns;
}

std::string why_no_rule(std::string_view ref, const std::vector<Rule>& rules) {
  const bool is_tag = ref.starts_with(k_tag_prefix);
  const auto patterns = patterns_of(rules, is_tag ? Rule::Kind::tag : Rule::Kind::branch);
  if (patterns.empty()) {
    return is_tag ? "tags are not deployed here" : "no branch is";
  }
  return fmt::format("deployed are {}", join(patterns, ", "));
}

/// "rule 2 (branch main)".
std::string words_for(const std::vector<Rule>& rules, std::size_t index) {
  return fmt::format("rule {} ({} {})", index + 1, name_of(rules[index].kind), printable(rules[index].pattern));
}

std::string why_it_differs(const Rule& rule, std::string_view ref) {
  const std::string name = printable(short_ref(ref));
  const bool is_tag = ref.starts_with(k_tag_prefix);
  if (!is_tag && !ref.starts_with(k_branch_prefix)) {
    return fmt::format("'{}' is neither a branch nor a tag", name);
  }
  if (is_tag != (rule.kind == Rule::Kind::tag)) {
    return fmt::format("'{}' is a {}", name, is_tag ? "tag" : "branch");
  }
  return fmt::format("'{}' does not match", name);
}

} // namespace

Decision decide(std::string_view ref, const std::vector<Rule>& rules, const OwnDestination& own) {
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& one) { return matches(one, ref); });
  if (rule == rules.end()) {
    return {.destination = {}, .why = why_no_rule(ref, rules), .rule = {}};
  }
  const auto index = static_cast<std::size_t>(rule - rules.begin());
  const std::string words = words_for(rules, index);
  if (!rule->deploys) {
    return {.destination = {}, .why = words + " deploys nothing", .rule = index};
  }
  const bool rule_wins = rule->destination && (!own.is_fixed || rule->destination->is_target());
  const Destination& destination = rule_wins ? *rule->destination : own.destination;
  return {.destination = destination, .why = fmt::format("{} goes to {}", words, destination.text()), .rule = index};
}

std::vector<RuleVerdict> judge(std::string_view ref, const std::vector<Rule>& rules, const OwnDestination& own) {
  const Decision decision = decide(ref, rules, own);
  std::vector<RuleVerdict> verdicts;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    RuleVerdict verdict{.rule = words_for(rules, i), .why = {}};
    if (decision.rule == i) {
      verdict.kind = RuleVerdict::Kind::decides;
      verdict.why = decision.destination ? fmt::format("goes to {}", decision.destination->text()) : "deploys nothing";
    } else if (!decision.rule || i < *decision.rule) {
      verdict.kind = RuleVerdict::Kind::differs;
      verdict.why = why_it_differs(rules[i], ref);
    } else {
      verdict.why = fmt::format("rule {} decides", *decision.rule + 1);
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

} // namespace teal
