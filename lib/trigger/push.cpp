#include "trigger/push.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace teal {

namespace {

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

/// A ref that is to be deployed.
struct Candidate {
  RefUpdate update;
  git::Commit commit;
  Destination destination;
  std::size_t rule;
};

/// Or why it is not, in words.
std::variant<Candidate, std::string> look_at(const PushContext& context, const RefUpdate& update) {
  const std::string name = printable(short_ref(update.ref));
  const Decision decision = decide(update.ref, context.rules, {.destination = context.destination, .is_fixed = true});
  if (update.new_commit.empty()) {
    return fmt::format("'{}' was deleted; nothing is deployed, and {} stays as it is", name,
                       decision.destination.value_or(context.destination).text());
  }
  if (!decision.destination) {
    return update.ref.starts_with(k_tag_prefix)
               ? fmt::format("tag '{}' is kept; {}", name, decision.why)
               : fmt::format("'{}' is kept, but not deployed here: {}", name, decision.why);
  }
  const bool is_moved_tag = update.ref.starts_with(k_tag_prefix) && !update.old_commit.empty();
  if (is_moved_tag && !context.deploys_moved_tags) {
    return fmt::format("tag '{}' was moved, and is not deployed: moved_tags is keep", name);
  }
  auto commit = context.repository.find_commit(update.new_commit);
  if (!commit) {
    return fmt::format("'{}' is kept, but not deployed: {} is no commit", name, short_commit(update.new_commit));
  }
  return Candidate{update, std::move(*commit), *decision.destination, decision.rule.value_or(0)};
}

Request make_request(const PushContext& context, const Candidate& candidate) {
  return {.event = {.app = context.app,
                    .trigger = Trigger::push,
                    .repository = context.repository.path().string(),
                    .ref = candidate.update.ref,
                    .old_commit = candidate.update.old_commit,
                    .new_commit = candidate.commit.id,
                    .subject = candidate.commit.subject,
                    .at = context.at},
          .destination = candidate.destination};
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
  std::vector<Candidate> candidates;
  for (const RefUpdate& update : updates) {
    auto found = look_at(context, update);
    if (auto* reason = std::get_if<std::string>(&found)) {
      answer.notes.push_back(std::move(*reason));
    } else {
      candidates.push_back(std::get<Candidate>(std::move(found)));
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& one, const Candidate& two) { return one.rule < two.rule; });
  for (const Candidate& candidate : candidates) {
    const auto earlier = std::find_if(answer.requests.begin(), answer.requests.end(), [&](const Request& request) {
      return request.destination == candidate.destination;
    });
    if (earlier == answer.requests.end()) {
      answer.requests.push_back(make_request(context, candidate));
    } else {
      answer.notes.push_back(fmt::format("'{}' is kept, but not deployed: '{}' was pushed too, and comes first",
                                         printable(short_ref(candidate.update.ref)),
                                         printable(short_ref(earlier->event.ref))));
    }
  }
  return answer;
}

} // namespace teal
