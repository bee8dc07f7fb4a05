/// @file
/// Principals: the keys and tokens that were let in, with what each may.
///
/// Invariant: a name is one key's, or one token's, and a public key or a token's hash has one name. What was given and
/// taken is an action of who did it (see Actions), in the same transaction.
#pragma once

#include "model/principal.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// A key or a token as it is kept.
struct Credential {
  Principal principal;
  std::string proof;            ///< of a key: "ssh-ed25519 AAAA…"; of a token: its SHA-256, 64 hex digits
  std::string fingerprint = {}; ///< of a key: "SHA256:…"
  TimePoint created = {};
  std::optional<TimePoint> last_used = {}; ///< to the minute
};

class Principals {
public:
  Principals(Database& database, const Clock& clock) : m_database(database), m_clock(clock) {}

  /// A new one; `created` and `last_used` are ignored. Throws Error(usage) if the name is taken, or the public key has
  /// another name already.
  void add(const Credential& credential, const Principal& by);
  /// What it may from now on, in place of what it might. False if that is the same.
  bool set_grants(const Principal& principal, const Principal& by);
  /// From now on it is nobody. False if there is none of that name.
  bool remove(Principal::Kind kind, std::string_view name, const Principal& by);

  [[nodiscard]] std::optional<Credential> find(Principal::Kind kind, std::string_view name) const;
  [[nodiscard]] std::optional<Credential> find_by_proof(Principal::Kind kind, std::string_view proof) const;
  /// By name.
  [[nodiscard]] std::vector<Credential> list(Principal::Kind kind) const;

  /// Written down at most once a minute, and not where the store cannot take it: nobody is kept out for that.
  void note_use(const Credential& credential);

private:
  Database& m_database;
  const Clock& m_clock;
};

} // namespace teal
