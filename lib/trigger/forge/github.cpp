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

void read_repository(const Value& value, Delivery& delivery) {
  delivery.repository = name(required_text(value, {"repository", "full_name"}));
  for (const std::string_view url : {"clone_url", "ssh_url"}) {
    if (std::string found = text(value, {"repository", url}); !found.empty()) {
      delivery.clone_urls.push_back(std::move(found));
    }
  }
}

Delivery push(std::string id, const Value& value) {
  Delivery delivery{.id = std::move(id)};
  delivery.ref = full_ref(required_text(value, {"ref"}));
  delivery.old_commit = commit(required_text(value, {"before"}));
  delivery.new_commit = commit(required_text(value, {"after"}));
  // Of an annotated tag 'after' is the tag itself.
  if (const std::string head = text(value, {"head_commit", "id"}); !head.empty() && !delivery.new_commit.empty()) {
    delivery.new_commit = commit(head);
  }
  read_repository(value, delivery);
  delivery.pusher = name(text(value, {"pusher", "name"}));
  delivery.message = message(text(value, {"head_commit", "message"}));
  delivery.forced = flag(value, {"forced"});
  delivery.kind = kind_of(delivery);
  // Of a new branch there are only commits that are on no other one, and of many pushed at once only some.
  constexpr std::int64_t k_most_commits = 2047;
  const std::int64_t listed = static_cast<std::int64_t>(array(value, {"commits"}).size());
  const bool is_partial = delivery.old_commit.empty() || delivery.forced || listed > k_most_commits;
  read_paths(value, is_partial ? listed + 1 : listed, delivery);
  return delivery;
}

Delivery release(std::string id, const Value& value) {
  if (const std::string action = text(value, {"action"}); action != "published") {
    return ignored(std::move(id), fmt::format("a release was {}, not published", name(action)));
  }
  Delivery delivery{.id = std::move(id), .kind = DeliveryKind::release};
  delivery.ref = full_ref("refs/tags/" + required_text(value, {"release", "tag_name"}));
  delivery.pusher = name(text(value, {"sender", "login"}));
  read_repository(value, delivery);
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
