/// @file
/// AuthorizedKeys: our part of a Unix user's authorized_keys, in which each key may run one command, and nothing else.
///
/// Invariant: what stands outside of our two marks stays as it is, byte for byte; the file changes at once and whole,
/// and two who change it wait for each other.
#pragma once

#include "model/home.hpp"
#include "process/file_lock.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct AuthorizedKey {
  std::string name; ///< that passed require_principal_name
  std::string text; ///< PublicKey::text
};

/// `restrict,command="/usr/local/bin/tealhook --home /srv/tealhook keyed anna" ssh-ed25519 AAAA… tealhook:anna`, where
/// restrict means: no shell, no terminal, no forwarding of any kind (sshd(8)).
[[nodiscard]] std::string authorized_line(const std::filesystem::path& tool, const Home& home,
                                          const AuthorizedKey& key);

/// `text` with the home's part in place of the one that it has, or at its end; without one if there are no lines.
/// Throws Error(settings) with the line where a mark stands alone.
[[nodiscard]] std::string with_our_part(std::string_view text, const Home& home, const std::vector<std::string>& lines);

class AuthorizedKeys {
public:
  /// Takes the lock of the one below `user_folder`, whose .ssh is made where it is missing, and reads it. Throws
  /// Error(environment) if it cannot, busy if another holds it for too long, settings as with_our_part() does.
  AuthorizedKeys(const std::filesystem::path& user_folder, const Home& home);

  /// From now on these may come in, and no others of this home. Leaves the file with mode 0600.
  void write(const std::filesystem::path& tool, const std::vector<AuthorizedKey>& keys);

private:
  const Home& m_home;
  std::filesystem::path m_file;
  FileLock m_lock;
  std::string m_text;
};

} // namespace teal
