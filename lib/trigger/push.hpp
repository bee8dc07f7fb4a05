/// @file
/// Push: what git tells a post-receive hook, and which of it asks for a deployment.
#pragma once

#include "git/repository.hpp"
#include "model/request.hpp"
#include "model/rule.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// One line of the hook's standard input (githooks(5)): "<old> SP <new> SP <ref>".
struct RefUpdate {
  std::string old_commit; ///< empty for a ref that is new
  std::string new_commit; ///< empty for a ref that was deleted
  std::string ref;        ///< full name
};

/// Throws Error(usage) for a line that is not of that form.
[[nodiscard]] std::vector<RefUpdate> parse_ref_updates(std::string_view input);

struct PushContext {
  const git::Repository& repository;
  std::string app;
  Destination destination; ///< the repository's own
  const std::vector<Rule>& rules;
  TimePoint at;
  bool deploys_moved_tags = true;
};

/// What a push comes to: a word on each ref that is not deployed, and at most one event for a destination.
struct PushAnswer {
  std::vector<std::string> notes;
  std::vector<Request> requests;
};

/// Of several refs for one destination, the one whose rule comes first is deployed.
[[nodiscard]] PushAnswer answer_push(const PushContext& context, const std::vector<RefUpdate>& updates);

} // namespace teal
