#include "http/hmac.hpp"

#include "core/error.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <span>
#include <vector>

namespace teal::http {

namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += k_digits[byte >> 4U];
    text += k_digits[byte & 15U];
  }
  return text;
}

} // namespace

std::string hmac_hex(Hash hash, std::string_view key, std::string_view text) {
  Digest digest{};
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, hash == Hash::sha1 ? "SHA1" : "SHA256", nullptr, key.data(), key.size(),
                bytes, text.size(), digest.data(), digest.size(), &size) == nullptr) {
    throw Error(ErrorKind::internal, "cannot compute an HMAC");
  }
  return hex(std::span(digest).first(size));
}

std::string sha256_hex(std::string_view text) {
  Digest digest{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), digest.data(), &size) != 1) {
    throw Error(ErrorKind::internal, "cannot compute a SHA-256 digest");
  }
  return hex(std::span(digest).first(size));
}

bool equal_in_constant_time(std::string_view one, std::string_view two) noexcept {
  return one.size() == two.size() && CRYPTO_memcmp(one.data(), two.data(), one.size()) == 0;
}

std::string random_token(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  std::size_t filled = 0;
  while (filled < bytes) {
    const ssize_t more = ::getrandom(random.data() + filled, bytes - filled, 0);
    if (more < 0 && errno != EINTR) {
      throw Error(ErrorKind::environment, "cannot make a token: " + system_reason(errno));
    }
    filled += more > 0 ? static_cast<std::size_t>(more) : 0;
  }
  return hex(random);
}

} // namespace teal::http
