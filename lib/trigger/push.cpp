#include "trigger/push.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr std::string_view k_branch_prefix = "refs/heads/";
constexpr std::string_view k_tag_prefix = "refs/tags/";

bool is_object_id(std::string_view text) {
  const bool sha1_or_sha256 = text.size() == 40 || text.size() == 64;
  return sha1_or_sha256 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// git writes a missing side as zeros.
std::string id_or_nothing(std::string_view id) {
  return id.find_first_not_of('0') == std::string_view::npos ? std::string() : std::string(id);
}

RefUpdate parse_line(const std::string& line) {
  const auto first = line.find(' ');
  const auto second = first == std::string::npos ? first : line.find(' ', first + 1);
  if (second != std::string::npos && second + 1 < line.size()) {
    const std::string_view view(line);
    const auto old_id = view.substr(0, first);
    const auto new_id = view.substr(first + 1, second - first - 1);
    if (is_object_id(old_id) && is_object_id(new_id)) {
      return {id_or_nothing(old_id), id_or_nothing(new_id), line.substr(second + 1)};
    }
  }
  throw Error(ErrorKind::usage,
              fmt::format("'{}' is not a line that git gives a hook: OLD NEW REF", shorten(printable(line), 120)));
}

/// Position in the list of branches, or its size.
std::size_t rank_of(const PushContext& context, const RefUpdate& update) {
  const std::string_view ref = update.ref;
  const std::string_view name =
      ref.starts_with(k_branch_prefix) ? ref.substr(k_branch_prefix.size()) : std::string_view();
  const auto found = std::find(context.branches.begin(), context.branches.end(), name);
  return static_cast<std::size_t>(found - context.branches.begin());
}

/// Why this ref is not deployed, or nothing if it may be.
std::optional<std::string> why_not(const PushContext& context, const RefUpdate& update) {
  const std::string name = printable(short_ref(update.ref));
  if (update.new_commit.empty()) {
    return fmt::format("'{}' was deleted; nothing is deployed, and {} stays as it is", name, to_string(context.color));
  }
  if (update.ref.starts_with(k_tag_prefix)) {
    return fmt::format("tag '{}' is kept; tags are not deployed here", name);
  }
  if (rank_of(context, update) == context.branches.size()) {
    return fmt::format("'{}' is kept, but not deployed here: this repository deploys {}", name,
                       join(context.branches, ", "));
  }
  if (!context.repository.find_commit(update.new_commit)) {
    return fmt::format("'{}' is kept, but not deployed: {} is no commit", name, short_commit(update.new_commit));
  }
  return std::nullopt;
}

Event make_event(const PushContext& context, const git::Commit& commit) {
  return {.app = context.app,
          .repository = context.repository.path().string(),
          .new_commit = commit.id,
          .subject = commit.subject,
          .who = context.who,
          .at = context.at};
}

} // namespace

std::vector<RefUpdate> parse_ref_updates(std::string_view input) {
  std::vector<RefUpdate> updates;
  for (const std::string& line : split(input, '\n')) {
    if (!line.empty()) {
      updates.push_back(parse_line(line));
    }
  }
  return updates;
}

PushAnswer answer_push(const PushContext& context, const std::vector<RefUpdate>& updates) {
  PushAnswer answer;
  if (updates.empty()) {
    answer.notes.emplace_back(
        "nothing was pushed, so nothing is deployed; to deploy again: hooks/post-receive --redeploy");
  }
  std::vector<RefUpdate> deployable;
  for (const RefUpdate& update : updates) {
    if (auto reason = why_not(context, update)) {
      answer.notes.push_back(std::move(*reason));
    } else {
      deployable.push_back(update);
    }
  }
  if (deployable.empty()) {
    return answer;
  }
  std::sort(deployable.begin(), deployable.end(),
            [&](const RefUpdate& one, const RefUpdate& two) { return rank_of(context, one) < rank_of(context, two); });
  const RefUpdate& chosen = deployable.front();
  for (auto other = deployable.begin() + 1; other != deployable.end(); ++other) {
    answer.notes.push_back(
        fmt::format("'{}' is kept, but not deployed: '{}' was pushed too, and comes first in 'branches'",
                    short_ref(other->ref), short_ref(chosen.ref)));
  }
  answer.event = make_event(context, context.repository.find_commit(chosen.new_commit).value());
  answer.event->trigger = Trigger::push;
  answer.event->ref = chosen.ref;
  answer.event->old_commit = chosen.old_commit;
  return answer;
}

Event event_by_hand(const PushContext& context, std::string_view revision) {
  std::vector<std::string> candidates = context.branches;
  if (!revision.empty()) {
    candidates = {std::string(revision)};
  }
  for (const std::string& candidate : candidates) {
    if (const auto commit = context.repository.find_commit(candidate)) {
      Event event = make_event(context, *commit);
      event.trigger = Trigger::cli;
      event.ref = printable(candidate);
      return event;
    }
  }
  throw Error(ErrorKind::usage,
              fmt::format("'{}' has no commit '{}'{}", context.repository.path().string(),
                          printable(join(candidates, "' or '")), revision.empty() ? "; push to it first" : ""));
}

} // namespace teal
