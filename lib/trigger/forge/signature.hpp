/// @file
/// Signature: whether a sender knows one of a source's secrets, by what it put into a header.
///
/// Invariant: missing, empty and doubled headers are refused, and so is all where no secret is set; each comparison
/// takes as long for a near miss as for a far one.
#pragma once

#include "trigger/webhook.hpp"

namespace teal::webhook {

struct SignatureHeader {
  std::string_view name;   ///< "X-Hub-Signature-256"
  std::string_view prefix; ///< "sha256=", or empty
};

/// The header has the hex digits of the body's HMAC-SHA256.
[[nodiscard]] std::optional<std::string> why_signature_refused(const http::HeaderList& headers, std::string_view body,
                                                               const Secrets& secrets, const SignatureHeader& header);
/// The header has a secret itself after the prefix, which is spelt in any case.
[[nodiscard]] std::optional<std::string> why_token_refused(const http::HeaderList& headers, const Secrets& secrets,
                                                           const SignatureHeader& header);

} // namespace teal::webhook
