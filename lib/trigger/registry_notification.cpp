#include "trigger/registry_notification.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "trigger/forge/payload.hpp"
#include "trigger/forge/signature.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

using namespace webhook::payload;

constexpr std::size_t k_events = 1000; ///< of one envelope

[[noreturn]] void refuse(std::string_view what, const std::string& text) {
  throw Error(ErrorKind::usage, fmt::format("'{}' is no {}", shorten(printable(text), 120), what));
}

/// What image references are made of (distribution's reference grammar), which is safe in a URL and on a command line.
bool is_made_of(const std::string& text, std::string_view more) {
  return !text.empty() && text.front() != '-' && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
         });
}

PushedImage image_of(const Value& event) {
  PushedImage image{.id = name(text(event, {"id"})),
                    .repository = required_text(event, {"target", "repository"}),
                    .tag = text(event, {"target", "tag"}),
                    .digest = required_text(event, {"target", "digest"}),
                    .who = name(text(event, {"actor", "name"}))};
  if (!is_made_of(image.repository, "._-/") || image.repository.size() > 255) {
    refuse("name of a repository", image.repository);
  }
  if (!image.tag.empty() && (!is_made_of(image.tag, "._-ABCDEFGHIJKLMNOPQRSTUVWXYZ") || image.tag.size() > 128)) {
    refuse("tag", image.tag);
  }
  constexpr std::string_view k_algorithm = "sha256:";
  const std::string hex = image.digest.starts_with(k_algorithm) ? image.digest.substr(k_algorithm.size()) : "";
  if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
    refuse("digest", image.digest);
  }
  return image;
}

/// A layer is pushed by itself, with a media type of its own.
bool is_manifest_push(const Value& event) {
  const std::string type = text(event, {"target", "mediaType"});
  return text(event, {"action"}) == "push" &&
         (type.find("manifest") != std::string::npos || type.find("image.index") != std::string::npos);
}

std::optional<std::string> why_sender_refused(const http::HeaderList& headers, std::string_view /*body*/,
                                              const webhook::Secrets& secrets) {
  return why_notification_refused(headers, secrets);
}

std::vector<webhook::Delivery> deliveries_of(const http::HeaderList& /*headers*/, std::string_view body) {
  std::vector<webhook::Delivery> deliveries;
  for (const PushedImage& image : parse_notification(body)) {
    if (!image.tag.empty()) {
      deliveries.push_back({.id = image.id,
                            .kind = webhook::DeliveryKind::tag,
                            .ref = image.repository + ":" + image.tag,
                            .new_commit = image.digest,
                            .repository = image.repository,
                            .pusher = image.who});
    }
  }
  if (deliveries.empty()) {
    deliveries.push_back(ignored({}, "no image was pushed with a tag"));
  }
  return deliveries;
}

} // namespace

const webhook::Forge& registry_sender() noexcept {
  static constexpr webhook::Forge k_registry{"registry", why_sender_refused, deliveries_of};
  return k_registry;
}

std::optional<std::string> why_notification_refused(const http::HeaderList& headers, const webhook::Secrets& secrets) {
  return webhook::why_token_refused(headers, secrets, {.name = "Authorization", .prefix = "Bearer "});
}

std::vector<PushedImage> parse_notification(std::string_view body) {
  const Value envelope = parse(body);
  if (find(envelope, {"events"}) == nullptr) {
    throw Error(ErrorKind::usage, "'events' is missing");
  }
  const auto& events = array(envelope, {"events"});
  if (events.size() > k_events) {
    throw Error(ErrorKind::usage, fmt::format("more than {} events at once", k_events));
  }
  std::vector<PushedImage> images;
  for (const Value& event : events) {
    if (is_manifest_push(event)) {
      images.push_back(image_of(event));
    }
  }
  return images;
}

} // namespace teal
