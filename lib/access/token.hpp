/// @file
/// Token: the secret that a program shows instead of a key. Only its hash is kept.
#pragma once

#include "store/principals.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace teal {

/// "tealhook_" and 64 hex digits: 256 bits of the kernel's. Throws Error(environment) if it has none.
[[nodiscard]] std::string make_token();
/// What is kept of it: Credential::proof.
[[nodiscard]] std::string hash_of_token(std::string_view token);

/// Whose token `text` is, with what it may, and notes that it was used. Nothing for what is no token, or one that was
/// removed; how long that takes tells nothing of those there are. The caller says where it came from (Origin).
[[nodiscard]] std::optional<Principal> principal_of_token(Principals& principals, std::string_view text);

} // namespace teal
