#include "engine/htpasswd.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "engine/registry_server.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <crypt.h>
#include <sys/random.h>

#include <array>
#include <cerrno>

namespace teal::engine {

namespace {

constexpr std::size_t k_password_bytes = 24;
// The registry hashes at each of a push's many requests; a random password of 192 bits needs no slow hash besides.
constexpr unsigned long k_bcrypt_cost = 5;

/// RFC 4648, section 5, for a multiple of three bytes.
template <std::size_t N>
std::string base64url(const std::array<unsigned char, N>& bytes) {
  static_assert(N % 3 == 0);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t at = 0; at < N; at += 3) {
    const unsigned group = static_cast<unsigned>(bytes[at]) << 16U | static_cast<unsigned>(bytes[at + 1]) << 8U |
                           static_cast<unsigned>(bytes[at + 2]);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) {
      text += alphabet[group >> shift & 63U];
    }
  }
  return text;
}

} // namespace

std::string make_password() {
  std::array<unsigned char, k_password_bytes> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Error(ErrorKind::environment, "cannot make a password: " + system_reason(errno));
  }
  return base64url(bytes);
}

std::string htpasswd_line(const Credentials& credentials) {
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
  crypt_data scratch{};
  if (::crypt_gensalt_rn("$2b$", k_bcrypt_cost, nullptr, 0, salt.data(), static_cast<int>(salt.size())) == nullptr) {
    throw Error(ErrorKind::environment, "cannot make a salt for bcrypt: " + system_reason(errno));
  }
  const char* hash = ::crypt_rn(credentials.password.c_str(), salt.data(), &scratch, sizeof(scratch));
  if (hash == nullptr) {
    throw Error(ErrorKind::environment, "cannot hash a password with bcrypt: " + system_reason(errno));
  }
  return credentials.user + ":" + hash;
}

std::string with_user(std::string_view htpasswd, const Credentials& credentials) {
  std::string text;
  for (const std::string& line : split(htpasswd, '\n')) {
    if (!trim(line).empty() && !line.starts_with(credentials.user + ":")) {
      text += line + "\n";
    }
  }
  return text + htpasswd_line(credentials) + "\n";
}

Credentials ensure_credentials(const RegistryServerSettings& settings) {
  const std::filesystem::path htpasswd = settings.htpasswd_file();
  const bool has_users = files::exists(htpasswd);
  const auto known = RegistryServer::read_credentials(settings.credentials_file());
  if (known && has_users) {
    return *known;
  }
  Credentials made{.user = "tealhook", .password = make_password()};
  files::create_directories(htpasswd.parent_path());
  write_file(htpasswd, with_user(has_users ? read_file(htpasswd) : std::string(), made), 0600);
  write_file(settings.credentials_file(), made.user + ":" + made.password + "\n", 0600);
  return made;
}

} // namespace teal::engine
