/// @file
/// Rule: which branches or tags go where, and the Decision that an app's rules come to for one ref. The first rule that
/// matches decides, whatever door the event came through.
#pragma once

#include "model/destination.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct Rule {
  enum class Kind { branch, tag };
  Kind kind = Kind::branch;
  std::string pattern;                    ///< of the short name, as matches_glob() reads it
  bool deploys = true;                    ///< false: what matches goes nowhere
  std::optional<Destination> destination; ///< nothing: the door's own
};

/// Where what comes through a door goes by itself.
struct OwnDestination {
  Destination destination;
  /// As of a repository that deploys one color: a rule says only whether, but a target that it names wins.
  bool is_fixed = false;
};

struct Decision {
  std::optional<Destination> destination; ///< nothing: it is not deployed
  std::string why;                        ///< it goes there, or nowhere: the end of a sentence
  std::optional<std::size_t> rule;        ///< which decided, counted from 0; nothing if none matched
};

/// What is to become of `ref`, a full name such as "refs/heads/main".
[[nodiscard]] Decision decide(std::string_view ref, const std::vector<Rule>& rules, const OwnDestination& own);

/// What one rule says of a ref, and why.
struct RuleVerdict {
  enum class Kind {
    decides, ///< it is the first that matches
    differs, ///< it does not match
    unasked, ///< an earlier one decides
  };
  Kind kind = Kind::unasked;
  std::string rule; ///< "rule 2 (branch main)"
  std::string why;  ///< in words
};

/// Of each rule, in their order; decide() comes to the same.
[[nodiscard]] std::vector<RuleVerdict> judge(std::string_view ref, const std::vector<Rule>& rules,
                                             const OwnDestination& own);

} // namespace teal
