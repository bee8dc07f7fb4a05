#include "core/error.hpp"
#include "trigger/forge/forges.hpp"
#include "trigger/forge/payload.hpp"
#include "trigger/forge/signature.hpp"

#include <fmt/format.h>

namespace teal::webhook::github {

namespace {

using namespace payload;

/// Webhooks are set to "form" by default there: the JSON comes as the value of "payload". The signature is of the form.
Value payload_of(const http::HeaderList& headers, std::string_view body) {
  if (!headers.first("Content-Type").starts_with("application/x-www-form-urlencoded")) {
    return payload::parse(body);
  }
  http::ServerRequest form;
  form.query = std::string(body);
  const auto text = form.parameter("payload");
  if (!text) {
    throw Error(ErrorKind::usage, "the form has no 'payload'");
  }
  return payload::parse(*text);
}

Delivery push(std::string id, const Value& value) {
  Delivery delivery{.id = std::move(id)};
  delivery.ref = full_ref(required_text(value, {"ref"}));
  require_commit(value, {"before"});
  delivery.new_commit = commit(required_text(value, {"after"}));
  // Of an annotated tag 'after' is the tag itself.
  if (const std::string head = text(value, {"head_commit", "id"}); !head.empty() && !delivery.new_commit.empty()) {
    delivery.new_commit = commit(head);
  }
  require_text(value, {"repository", "full_name"});
  delivery.kind = kind_of(delivery);
  return delivery;
}

Delivery release(std::string id, const Value& value) {
  if (const std::string action = text(value, {"action"}); action != "published") {
    return ignored(std::move(id), fmt::format("a release was {}, not published", name(action)));
  }
  Delivery delivery{.id = std::move(id), .kind = DeliveryKind::release};
  delivery.ref = full_ref("refs/tags/" + required_text(value, {"release", "tag_name"}));
  require_text(value, {"repository", "full_name"});
  return delivery;
}

} // namespace

std::optional<std::string> why_refused(const http::HeaderList& headers, std::string_view body, const Secrets& secrets) {
  return why_signature_refused(headers, body, secrets, {.name = "X-Hub-Signature-256", .prefix = "sha256="});
}

std::vector<Delivery> parse(const http::HeaderList& headers, std::string_view body) {
  const std::string event = required_header(headers, "X-GitHub-Event");
  std::string id = required_header(headers, "X-GitHub-Delivery");
  const Value value = payload_of(headers, body);
  if (event == "push") {
    return {push(std::move(id), value)};
  }
  if (event == "release") {
    return {release(std::move(id), value)};
  }
  if (event == "ping") {
    return {{.id = std::move(id), .kind = DeliveryKind::ping}};
  }
  if (event == "create" || event == "delete") {
    return {ignored(std::move(id), fmt::format("of '{}' a push comes, too", event))};
  }
  return {ignored(std::move(id), fmt::format("an event '{}' asks for no deployment", event))};
}

} // namespace teal::webhook::github
