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

Delivery push(std::string id, const Value& value) {
  require_text(value, {"project", "path_with_namespace"});
  Delivery delivery{.id = std::move(id)};
  delivery.ref = full_ref(required_text(value, {"ref"}));
  require_commit(value, {"before"});
  delivery.new_commit = commit(required_text(value, {"after"}));
  // Of an annotated tag 'after' is the tag itself.
  if (const std::string head = text(value, {"checkout_sha"}); !head.empty() && !delivery.new_commit.empty()) {
    delivery.new_commit = commit(head);
  }
  delivery.kind = kind_of(delivery);
  return delivery;
}

Delivery release(std::string id, const Value& value) {
  if (const std::string action = text(value, {"action"}); action != "create") {
    return ignored(std::move(id), fmt::format("the action on a release was '{}', not 'create'", name(action)));
  }
  require_text(value, {"project", "path_with_namespace"});
  Delivery delivery{.id = std::move(id)};
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
