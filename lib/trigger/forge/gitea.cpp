#include "trigger/forge/forges.hpp"
#include "trigger/forge/payload.hpp"
#include "trigger/forge/signature.hpp"

#include <fmt/format.h>

namespace teal::webhook::gitea {

namespace {

using namespace payload;

/// Forgejo sends Gitea's headers beside its own.
std::string header_name(const http::HeaderList& headers, std::string_view what) {
  const std::string own = fmt::format("X-Forgejo-{}", what);
  return headers.count(own) != 0 ? own : fmt::format("X-Gitea-{}", what);
}

Delivery about(std::string id, const Value& value) {
  Delivery delivery{.id = std::move(id)};
  delivery.repository = name(required_text(value, {"repository", "full_name"}));
  for (const std::string_view url : {"clone_url", "ssh_url"}) {
    if (std::string found = text(value, {"repository", url}); !found.empty()) {
      delivery.clone_urls.push_back(std::move(found));
    }
  }
  delivery.pusher = name(text(value, {"sender", "login"}));
  return delivery;
}

Delivery push(std::string id, const Value& value) {
  Delivery delivery = about(std::move(id), value);
  delivery.ref = full_ref(required_text(value, {"ref"}));
  delivery.old_commit = commit(required_text(value, {"before"}));
  delivery.new_commit = commit(required_text(value, {"after"}));
  if (const std::string pusher = text(value, {"pusher", "login"}); !pusher.empty()) {
    delivery.pusher = name(pusher);
  }
  delivery.message = message(text(value, {"head_commit", "message"}));
  delivery.kind = kind_of(delivery);
  const auto listed = static_cast<std::int64_t>(array(value, {"commits"}).size());
  const std::int64_t total = number(value, {"total_commits"}, listed + 1); // of 'commits' there are five at most
  read_paths(value, delivery.old_commit.empty() ? listed + 1 : total, delivery);
  return delivery;
}

Delivery removal(std::string id, const Value& value) {
  Delivery delivery = about(std::move(id), value);
  delivery.kind = DeliveryKind::removal;
  const std::string short_name = required_text(value, {"ref"});
  const bool is_tag = text(value, {"ref_type"}) == "tag";
  delivery.ref = full_ref((is_tag ? "refs/tags/" : "refs/heads/") + short_name);
  return delivery;
}

Delivery release(std::string id, const Value& value) {
  if (const std::string action = text(value, {"action"}); action != "published") {
    return ignored(std::move(id), fmt::format("a release was {}, not published", name(action)));
  }
  Delivery delivery = about(std::move(id), value);
  delivery.kind = DeliveryKind::release;
  delivery.ref = full_ref("refs/tags/" + required_text(value, {"release", "tag_name"}));
  return delivery;
}

} // namespace

std::optional<std::string> why_refused(const http::HeaderList& headers, std::string_view body, const Secrets& secrets) {
  const std::string header = header_name(headers, "Signature");
  return why_signature_refused(headers, body, secrets, {.name = header, .prefix = ""});
}

std::vector<Delivery> parse(const http::HeaderList& headers, std::string_view body) {
  const std::string event = required_header(headers, header_name(headers, "Event"));
  std::string id = required_header(headers, header_name(headers, "Delivery"));
  const Value value = payload::parse(body);
  if (event == "push") {
    return {push(std::move(id), value)};
  }
  if (event == "delete") {
    return {removal(std::move(id), value)};
  }
  if (event == "release") {
    return {release(std::move(id), value)};
  }
  if (event == "create") {
    return {ignored(std::move(id), "of 'create' a push comes, too")};
  }
  return {ignored(std::move(id), fmt::format("an event '{}' asks for no deployment", event))};
}

} // namespace teal::webhook::gitea
