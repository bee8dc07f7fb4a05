#include "access/token.hpp"

#include "http/hmac.hpp"

namespace teal {

namespace {

constexpr std::string_view k_prefix = "tealhook_"; ///< by which those who scan for secrets find it
constexpr std::size_t k_bytes = 32;

bool looks_like_token(std::string_view text) {
  return text.size() == k_prefix.size() + 2 * k_bytes && text.starts_with(k_prefix) &&
         text.find_first_not_of("0123456789abcdef", k_prefix.size()) == std::string_view::npos;
}

} // namespace

std::string make_token() {
  return std::string(k_prefix) + http::random_token(k_bytes);
}

std::string hash_of_token(std::string_view token) {
  return http::sha256_hex(token);
}

std::optional<Principal> principal_of_token(Principals& principals, std::string_view text) {
  if (!looks_like_token(text)) {
    return std::nullopt;
  }
  // Looked up by its hash: how long that takes says nothing of the token.
  const auto found = principals.find_by_proof(Principal::Kind::api_token, hash_of_token(text));
  if (!found) {
    return std::nullopt;
  }
  principals.note_use(*found);
  return found->principal;
}

} // namespace teal
