/// @file
/// Registry notification: what a registry sends when an image was pushed to it, as docker-registry's envelope has it.
///
/// Its sender is configured with a fixed header, so the secret comes as "Authorization: Bearer SECRET".
#pragma once

#include "trigger/webhook.hpp"

namespace teal {

/// An image that was pushed.
struct PushedImage {
  std::string id;         ///< of the registry's event; the same when it is sent again
  std::string repository; ///< "shop", "team/shop"
  std::string tag;        ///< empty where it was pushed by digest
  std::string digest;     ///< "sha256:…"
  std::string who;        ///< printable, often empty
};

/// Why the sender is not believed, in words; nothing if it is.
[[nodiscard]] std::optional<std::string> why_notification_refused(const http::HeaderList& headers,
                                                                  const webhook::Secrets& secrets);
/// Of all events of the envelope the pushes of manifests: none for pulls, mounts and layers. Throws Error(usage) for
/// what is no such envelope.
[[nodiscard]] std::vector<PushedImage> parse_notification(std::string_view body);

/// The registry as a sender of deliveries, as forges are: of each pushed image that has a tag the ref is
/// "REPOSITORY:TAG", and the new commit its digest.
[[nodiscard]] const webhook::Forge& registry_sender() noexcept;

} // namespace teal
