#include "config/deploy_rules.hpp"

namespace teal {

std::vector<Rule> rules_of(const AppSettings& settings) {
  std::vector<Rule> rules;
  for (const std::string& branch : settings.branches) {
    rules.push_back({.kind = Rule::Kind::branch, .pattern = branch, .destination = {}});
  }
  return rules;
}

} // namespace teal
