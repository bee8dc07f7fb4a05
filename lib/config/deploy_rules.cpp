#include "config/deploy_rules.hpp"

namespace teal {

namespace {

constexpr const char* k_nowhere = "none";

Rule rule_of(const RuleSettings& settings) {
  const bool of_branches = settings.tag.empty();
  return {.kind = of_branches ? Rule::Kind::branch : Rule::Kind::tag,
          .pattern = of_branches ? settings.branch : settings.tag,
          .deploys = settings.deploy != k_nowhere,
          .destination = Destination::parse(settings.deploy)};
}

} // namespace

std::vector<Rule> rules_of(const AppSettings& settings) {
  std::vector<Rule> rules;
  for (const RuleSettings& rule : settings.rules) {
    rules.push_back(rule_of(rule));
  }
  if (rules.empty()) {
    for (const std::string& branch : settings.branches) {
      rules.push_back({.kind = Rule::Kind::branch, .pattern = branch, .destination = {}});
    }
  }
  return rules;
}

} // namespace teal
