#include "trigger/webhook.hpp"

#include "core/text.hpp"
#include "model/event.hpp"
#include "trigger/forge/forges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal::webhook {

namespace {

constexpr std::array<Forge, 6> k_forges{{
    {"github", github::why_refused, github::parse},
    {"gitea", gitea::why_refused, gitea::parse},
    {"forgejo", gitea::why_refused, gitea::parse},
    {"gitlab", gitlab::why_refused, gitlab::parse},
    {"bitbucket", bitbucket::why_refused, bitbucket::parse},
    {"generic", generic::why_refused, generic::parse},
}};

} // namespace

std::string_view to_string(DeliveryKind kind) noexcept {
  constexpr std::array<std::string_view, 6> k_names{"push", "tag", "removal", "ping", "release", "ignored"};
  return k_names.at(static_cast<std::size_t>(kind));
}

bool is_request(const Delivery& delivery) noexcept {
  return delivery.kind == DeliveryKind::push || delivery.kind == DeliveryKind::tag ||
         delivery.kind == DeliveryKind::release;
}

std::string why_no_request(const Delivery& delivery) {
  switch (delivery.kind) {
  case DeliveryKind::ping:
    return "pong";
  case DeliveryKind::removal:
    return fmt::format("'{}' was deleted; what runs stays as it is", printable(short_ref(delivery.ref)));
  default:
    return delivery.note.empty() ? fmt::format("'{}' is neither a branch nor a tag", printable(delivery.ref))
                                 : delivery.note;
  }
}

const Forge* find_forge(std::string_view name) noexcept {
  const auto* const found =
      std::find_if(k_forges.begin(), k_forges.end(), [name](const Forge& forge) { return forge.name == name; });
  return found == k_forges.end() ? nullptr : found;
}

std::vector<std::string> forge_names() {
  std::vector<std::string> names;
  names.reserve(k_forges.size());
  for (const Forge& forge : k_forges) {
    names.emplace_back(forge.name);
  }
  return names;
}

} // namespace teal::webhook
