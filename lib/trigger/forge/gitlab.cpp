#include "trigger/forge/forges.hpp"
#include "trigger/forge/payload.hpp"
#include "trigger/forge/signature.hpp"

#include <fmt/format.h>

namespace teal::webhook::gitlab {

namespace {

using namespace payload;

/// The key is the same when a delivery is sent again; versions before 17.4 have none.
std::string id_of(const http::HeaderList& headers) {
  return required_header(headers, headers.count("Idempotency-Key") != 0 ? "Idempotency-Key" : "X-Gitlab-Event-UUID");
}

Delivery about(std::string id, const Value& value) {
  Delivery delivery{.id = std::move(id)};
  delivery.repository = name(required_text(value, {"project", "path_with_namespace"}));
  for (const std::string_view url : {"git_http_url", "git_ssh_url"}) {
    if (std::string found = text(value, {"project", url}); !found.empty()) {
      delivery.clone_urls.push_back(std::move(found));
    }
  }
  delivery.pusher = name(text(value, {"user_username"}));
  return delivery;
}

std::string head_message(const Value& value, const std::string& head) {
  for (const Value& each : array(value, {"commits"})) {
    if (text(each, {"id"}) == head) {
      return message(text(each, {"message"}));
    }
  }
  return message(text(value, {"message"})); // of an annotated tag
}

Delivery push(std::string id, const Value& value) {
  Delivery delivery = about(std::move(id), value);
  delivery.ref = full_ref(required_text(value, {"ref"}));
  delivery.old_commit = commit(required_text(value, {"before"}));
  delivery.new_commit = commit(required_text(value, {"after"}));
  // Of an annotated tag 'after' is the tag itself.
  if (const std::string head = text(value, {"checkout_sha"}); !head.empty() && !delivery.new_commit.empty()) {
    delivery.new_commit = commit(head);
  }
  delivery.message = head_message(value, delivery.new_commit);
  delivery.kind = kind_of(delivery);
  const auto listed = static_cast<std::int64_t>(array(value, {"commits"}).size());
  const std::int64_t total = number(value, {"total_commits_count"}, listed + 1); // of 'commits' there are 20 at most
  read_paths(value, delivery.old_commit.empty() ? listed + 1 : total, delivery);
  return delivery;
}

Delivery release(std::string id, const Value& value) {
  if (const std::string action = text(value, {"action"}); action != "create") {
    return ignored(std::move(id), fmt::format("the action on a release was '{}', not 'create'", name(action)));
  }
  Delivery delivery = about(std::move(id), value);
  delivery.kind = DeliveryKind::release;
  delivery.ref = full_ref("refs/tags/" + required_text(value, {"tag"}));
  delivery.new_commit = commit(text(value, {"commit", "id"}));
  return delivery;
}

} // namespace

std::optional<std::string> why_refused(const http::HeaderList& headers, std::string_view /*body*/,
                                       const Secrets& secrets) {
  return why_token_refused(headers, secrets, {.name = "X-Gitlab-Token", .prefix = ""});
}

std::vector<Delivery> parse(const http::HeaderList& headers, std::string_view body) {
  const std::string event = required_header(headers, "X-Gitlab-Event");
  std::string id = id_of(headers);
  const Value value = payload::parse(body);
  if (event == "Push Hook" || event == "Tag Push Hook") {
    return {push(std::move(id), value)};
  }
  if (event == "Release Hook") {
    return {release(std::move(id), value)};
  }
  return {ignored(std::move(id), fmt::format("an event '{}' asks for no deployment", event))};
}

} // namespace teal::webhook::gitlab
