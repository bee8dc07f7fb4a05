#include "git/libgit2.hpp"

#include <fmt/format.h>

#include <array>

/// In place of Mbed TLS's: as Debian builds it, libgit2 has all authorities of the host parsed whenever it starts, for
/// 6 ms in each hook and command, and nothing here speaks HTTPS through it.
extern "C" int mbedtls_x509_crt_parse_file(void* /*chain*/, const char* /*path*/) {
  return 0;
}

namespace teal::git {

namespace {

/// Holds libgit2's global state, and settles what is global in it.
class Library {
public:
  Library() {
    git_libgit2_init();
    // Whoever owns a repository, nothing that its configuration names is run.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    for (const int level :
         {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL}) {
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, ""); // the host's settings must not change what is checked out
    }
    // git hashed every object when it came in, and zlib sums it up on each reading, so git itself does not hash it
    // again.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    // The defaults map a whole pack and keep 256 MB of objects; nothing here is read often enough to need either.
    constexpr std::size_t k_mebibyte = 1U << 20U;
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, k_mebibyte);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, 4 * k_mebibyte);
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(2 * k_mebibyte));
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { git_libgit2_shutdown(); }
};

} // namespace

void start_libgit2() {
  static const Library library;
}

void require(int result, const std::string& failed, ErrorKind kind) {
  if (result >= 0) {
    return;
  }
  const git_error* error = git_error_last();
  const char* cause = error != nullptr && error->message != nullptr ? error->message : "unknown reason";
  throw Error(kind, fmt::format("{}: {}", failed, cause));
}

std::string to_hex(const git_oid& id) {
  std::array<char, 2 * sizeof id.id + 1> hex{};
  return git_oid_tostr(hex.data(), hex.size(), &id);
}

git_oid parse_id(const std::string& hex) {
  git_oid id{};
  if (hex.size() != 2 * sizeof id.id || git_oid_fromstr(&id, hex.c_str()) < 0) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not a commit id of 40 hex digits", hex));
  }
  return id;
}

} // namespace teal::git
