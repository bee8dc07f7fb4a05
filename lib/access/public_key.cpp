#include "access/public_key.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "http/client.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace teal {

namespace {

using Blob = std::string; ///< bytes

constexpr std::size_t k_longest = std::size_t{16} << 10U; ///< an RSA key of 16,384 bits takes less
constexpr std::size_t k_least_rsa_bytes = 2048 / 8;

struct KeyType {
  std::string_view name;
  std::size_t fields; ///< length-prefixed ones after the name
};

constexpr std::array k_types{KeyType{"ssh-ed25519", 1},
                             KeyType{"sk-ssh-ed25519@openssh.com", 2},
                             KeyType{"ecdsa-sha2-nistp256", 2},
                             KeyType{"ecdsa-sha2-nistp384", 2},
                             KeyType{"ecdsa-sha2-nistp521", 2},
                             KeyType{"sk-ecdsa-sha2-nistp256@openssh.com", 3},
                             KeyType{"ssh-rsa", 2}};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::usage, why);
}

const KeyType* find_type(std::string_view name) {
  const auto* const found =
      std::find_if(k_types.begin(), k_types.end(), [&](const KeyType& type) { return type.name == name; });
  return found == k_types.end() ? nullptr : found;
}

std::string types_in_words() {
  std::vector<std::string> names;
  std::transform(k_types.begin(), k_types.end(), std::back_inserter(names),
                 [](const KeyType& type) { return std::string(type.name); });
  return in_words(names, "or");
}

std::string fingerprint_of(const Blob& key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, key.data(), key.size(), digest.data(), &size) != 1) {
    throw Error(ErrorKind::internal, "cannot compute a SHA-256 digest");
  }
  std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  std::string encoded(text.begin(), text.begin() + length);
  encoded.erase(encoded.find_last_not_of('=') + 1);
  return "SHA256:" + encoded;
}

/// RFC 4251 (5): each a length of four bytes, then so many. Nothing if they do not end where the blob does.
std::optional<std::vector<std::string_view>> read_fields(std::string_view blob) {
  std::vector<std::string_view> fields;
  while (!blob.empty()) {
    if (blob.size() < 4) {
      return std::nullopt;
    }
    std::size_t length = 0;
    for (const char byte : blob.substr(0, 4)) {
      length = (length << 8U) | static_cast<unsigned char>(byte);
    }
    blob.remove_prefix(4);
    if (length > blob.size()) {
      return std::nullopt;
    }
    fields.push_back(blob.substr(0, length));
    blob.remove_prefix(length);
  }
  return fields;
}

/// What differs between types beyond the number of fields.
bool has_right_sizes(const KeyType& type, const std::vector<std::string_view>& fields) {
  if (type.name.find("ed25519") != std::string_view::npos) {
    return fields[1].size() == 32;
  }
  if (const auto curve = type.name.find("nistp"); curve != std::string_view::npos) {
    const std::string_view name = type.name.substr(curve, type.name.find('@') - curve);
    return fields[1] == name && !fields[2].empty() && fields[2].front() == '\x04';
  }
  return !fields[1].empty() && !fields[2].empty();
}

void require_strong(const KeyType& type, const std::vector<std::string_view>& fields) {
  std::string_view modulus = fields.back();
  modulus.remove_prefix(std::min(modulus.find_first_not_of('\0'), modulus.size()));
  if (type.name == "ssh-rsa" && modulus.size() < k_least_rsa_bytes) {
    refuse(fmt::format("an RSA key of {} bits is too short: make one with: ssh-keygen -t ed25519", modulus.size() * 8));
  }
}

void require_one_line(std::string_view text) {
  if (text.empty()) {
    refuse("there is no key on standard input; give a public one: < id_ed25519.pub");
  }
  if (text.find("PRIVATE KEY") != std::string_view::npos) {
    refuse(
        "that is a private key, which is nobody's business but its owner's; give the public one, which ends in .pub");
  }
  if (text.size() > k_longest) {
    refuse(fmt::format("that is no public key: it is larger than {}", format_size(k_longest)));
  }
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    refuse("give one key, on one line");
  }
  if (printable(text) != text) {
    refuse("that is no public key: it has control characters");
  }
}

[[noreturn]] void refuse_type(const std::string& word, std::string_view line) {
  if (word == "ssh-dss" || word.find("-cert-") != std::string::npos) {
    refuse(fmt::format("a key of type '{}' is not taken; give one of {}", word, types_in_words()));
  }
  const bool has_options = std::any_of(k_types.begin(), k_types.end(), [&](const KeyType& type) {
    return line.find(std::string(type.name) + " ") != std::string_view::npos;
  });
  refuse(has_options ? "options before a key are not taken: what it may is said by --can; give type and key alone"
                     : fmt::format("'{}' is no type of key that is taken; give one of {}", shorten(word, 60),
                                   types_in_words()));
}

} // namespace

PublicKey parse_public_key(std::string_view text) {
  const std::string_view line = trim(text);
  require_one_line(line);
  std::vector<std::string> words = split(line, ' ');
  std::erase(words, "");
  const KeyType* type = find_type(words.front());
  if (type == nullptr) {
    refuse_type(words.front(), line);
  }
  const auto blob = words.size() < 2 ? std::nullopt : http::decode_base64(words[1]);
  const auto fields = blob ? read_fields(*blob) : std::nullopt;
  if (!fields || fields->size() != type->fields + 1 || fields->front() != type->name ||
      !has_right_sizes(*type, *fields)) {
    refuse(fmt::format("that is no key of type '{}': it is damaged, or cut off", type->name));
  }
  require_strong(*type, *fields);
  return {.text = words[0] + " " + words[1], .fingerprint = fingerprint_of(*blob)};
}

} // namespace teal
