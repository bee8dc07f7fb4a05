#include "trigger/forge/forges.hpp"
#include "trigger/forge/payload.hpp"
#include "trigger/forge/signature.hpp"

#include <fmt/format.h>

namespace teal::webhook::bitbucket {

namespace {

using namespace payload;

std::string ref_of(const Value& side) {
  const bool is_tag = text(side, {"type"}) == "tag";
  return full_ref((is_tag ? "refs/tags/" : "refs/heads/") + required_text(side, {"name"}));
}

Delivery change_of(const Value& change, Delivery delivery) {
  const Value* before = find(change, {"old"});
  const Value* after = find(change, {"new"});
  if (after == nullptr && before == nullptr) {
    return ignored(std::move(delivery.id), "a change that has neither 'old' nor 'new'");
  }
  delivery.ref = ref_of(after != nullptr ? *after : *before);
  if (before != nullptr) {
    delivery.old_commit = commit(text(*before, {"target", "hash"}));
  }
  if (after != nullptr) {
    delivery.new_commit = commit(required_text(*after, {"target", "hash"}));
    delivery.message = message(text(*after, {"target", "message"}));
  }
  delivery.forced = flag(change, {"forced"});
  delivery.kind = kind_of(delivery);
  return delivery;
}

/// One a ref: several are pushed at once.
std::vector<Delivery> push(const std::string& id, const Value& value) {
  Delivery common{.id = id};
  common.repository = name(required_text(value, {"repository", "full_name"}));
  if (const std::string page = text(value, {"repository", "links", "html", "href"}); !page.empty()) {
    common.clone_urls.push_back(page + ".git");
  }
  common.pusher = name(text(value, {"actor", "nickname"}));
  std::vector<Delivery> deliveries;
  for (const Value& change : array(value, {"push", "changes"})) {
    deliveries.push_back(change_of(change, common));
  }
  if (deliveries.empty()) {
    deliveries.push_back(ignored(id, "a push without changes"));
  }
  return deliveries;
}

} // namespace

std::optional<std::string> why_refused(const http::HeaderList& headers, std::string_view body, const Secrets& secrets) {
  return why_signature_refused(headers, body, secrets, {.name = "X-Hub-Signature", .prefix = "sha256="});
}

std::vector<Delivery> parse(const http::HeaderList& headers, std::string_view body) {
  const std::string event = required_header(headers, "X-Event-Key");
  std::string id = required_header(headers, "X-Request-UUID");
  const Value value = payload::parse(body);
  if (event == "repo:push") {
    return push(id, value);
  }
  if (event == "diagnostics:ping") {
    return {{.id = std::move(id), .kind = DeliveryKind::ping}};
  }
  return {ignored(std::move(id), fmt::format("an event '{}' asks for no deployment", event))};
}

} // namespace teal::webhook::bitbucket
