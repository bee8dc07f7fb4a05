#include "trigger/forge/signature.hpp"

#include "core/text.hpp"
#include "http/hmac.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::webhook {

namespace {

/// What the header has after its prefix, or why it is of no use.
struct Claim {
  std::string value;
  std::optional<std::string> refusal;
};

Claim claim_of(const http::HeaderList& headers, const Secrets& secrets, const SignatureHeader& header) {
  if (std::all_of(secrets.begin(), secrets.end(), [](const std::string& secret) { return secret.empty(); })) {
    return {.refusal = "this source has no secret, and takes nothing without"};
  }
  if (headers.count(header.name) > 1) {
    return {.refusal = fmt::format("more than one {} header", header.name)};
  }
  const auto value = headers.only(header.name);
  if (!value) {
    return {.refusal = fmt::format("no {} header", header.name)};
  }
  if (trim(*value).empty()) {
    return {.refusal = fmt::format("the {} header is empty: the sender has no secret", header.name)};
  }
  if (!http::equal_names(value->substr(0, header.prefix.size()), header.prefix)) {
    return {.refusal = fmt::format("the {} header does not begin with '{}'", header.name, header.prefix)};
  }
  return {.value = std::string(trim(value->substr(header.prefix.size())))};
}

/// All are compared, whichever it is.
template <class Expected>
bool is_any(const Secrets& secrets, std::string_view claim, const Expected& expected) {
  bool found = false;
  for (const std::string& secret : secrets) {
    if (!secret.empty()) {
      found = http::equal_in_constant_time(expected(secret), claim) || found;
    }
  }
  return found;
}

std::string lower_hex(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

} // namespace

std::optional<std::string> why_signature_refused(const http::HeaderList& headers, std::string_view body,
                                                 const Secrets& secrets, const SignatureHeader& header) {
  Claim claim = claim_of(headers, secrets, header);
  if (claim.refusal) {
    return claim.refusal;
  }
  const auto expected = [body](const std::string& secret) { return http::hmac_hex(http::Hash::sha256, secret, body); };
  if (!is_any(secrets, lower_hex(claim.value), expected)) {
    return fmt::format("the signature in {} does not match secret_file", header.name);
  }
  return std::nullopt;
}

std::optional<std::string> why_token_refused(const http::HeaderList& headers, const Secrets& secrets,
                                             const SignatureHeader& header) {
  const Claim claim = claim_of(headers, secrets, header);
  if (claim.refusal) {
    return claim.refusal;
  }
  // Of digests, so that not even a secret's length can be measured.
  const auto expected = [](const std::string& secret) { return http::sha256_hex(secret); };
  if (!is_any(secrets, http::sha256_hex(claim.value), expected)) {
    return fmt::format("the token in {} does not match secret_file", header.name);
  }
  return std::nullopt;
}

} // namespace teal::webhook
