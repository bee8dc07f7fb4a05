/// @file
/// Webhook: what a forge sends when something was pushed, verified first and then understood.
///
/// The caller's sequence: find_forge(); why_refused() of the raw body, before anything in it is believed; parse().
/// A forge is one file of forge/ and one line of the list in webhook.cpp.
///
/// Invariant: nothing is trusted without a secret. The algorithm is the forge's, never the sender's choice. What a
/// payload says is a hint: the ref is resolved again at the source.
#pragma once

#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::webhook {

enum class DeliveryKind {
  push,    ///< a branch has a new commit
  tag,     ///< a tag has one
  removal, ///< a branch or tag is gone
  ping,
  release,
  ignored, ///< of no interest here: see Delivery::note
};

[[nodiscard]] std::string_view to_string(DeliveryKind kind) noexcept;

/// One ref of a delivery; each is told apart by id and ref.
struct Delivery {
  std::string id; ///< the sender's own; the same when it is sent again; may be empty from a generic sender
  DeliveryKind kind = DeliveryKind::ignored;
  std::string ref;                     ///< full name; empty for a ping and what is ignored
  std::string old_commit;              ///< hex digits; empty where there was none, or the forge does not say
  std::string new_commit;              ///< hex digits; empty where the ref is gone, or the forge does not say
  std::string repository;              ///< "owner/name"
  std::vector<std::string> clone_urls; ///< https, ssh
  std::string pusher;                  ///< printable
  std::string message;                 ///< of the new commit, printable, its lines kept
  bool forced = false;                 ///< as far as the forge says
  std::vector<std::string> paths;      ///< what the commits changed, sorted
  bool is_paths_complete = false;      ///< false: there may be more
  std::string note;                    ///< why it is ignored
};

/// Whether it asks for a deployment.
[[nodiscard]] bool is_request(const Delivery& delivery) noexcept;
/// Why nothing comes of one that does not, in words.
[[nodiscard]] std::string why_no_request(const Delivery& delivery);

/// What a source's secret_file has: two while one replaces the other. Empty ones do not count.
using Secrets = std::vector<std::string>;

struct Forge {
  std::string_view name;
  /// Why the sender is not believed, in words for it to read; nothing if it is.
  std::optional<std::string> (*why_refused)(const http::HeaderList& headers, std::string_view body,
                                            const Secrets& secrets);
  /// At least one. Throws Error(usage), saying what is wrong, for a delivery that is not of the forge's form.
  std::vector<Delivery> (*parse)(const http::HeaderList& headers, std::string_view body);
};

/// "github", "gitea", "forgejo", "gitlab", "bitbucket", "generic". Null for any other.
[[nodiscard]] const Forge* find_forge(std::string_view name) noexcept;
[[nodiscard]] std::vector<std::string> forge_names();

} // namespace teal::webhook
