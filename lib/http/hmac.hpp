/// @file
/// HMAC: how a sender proves that it knows a secret, and the secrets themselves.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace teal::http {

enum class Hash { sha1, sha256 };

/// RFC 2104, as lower-case hex digits: 40 or 64.
[[nodiscard]] std::string hmac_hex(Hash hash, std::string_view key, std::string_view text);
/// 64 lower-case hex digits: what is kept of a token.
[[nodiscard]] std::string sha256_hex(std::string_view text);
/// Takes as long wherever two texts of one length differ; only that the lengths do can be told by the time.
[[nodiscard]] bool equal_in_constant_time(std::string_view one, std::string_view two) noexcept;
/// So many bytes of the kernel's randomness, as hex digits: two a byte. Throws Error(environment) if it has none.
[[nodiscard]] std::string random_token(std::size_t bytes);

} // namespace teal::http
