#include "store/principals.hpp"

#include "core/error.hpp"
#include "store/rows.hpp"
#include "store/sql.hpp"
#include "store/transaction.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace teal {

namespace {

constexpr const char* k_read = "read the keys and tokens";
constexpr std::chrono::minutes k_use_precision{1};

std::string kind_text(Principal::Kind kind) {
  return kind == Principal::Kind::ssh_key ? "key" : "token";
}

std::vector<Grant> read_grants(SQLite::Database& database, std::int64_t principal) {
  SQLite::Statement row(database, "SELECT app, verb FROM grants WHERE principal_id = ?");
  bind_values(row, {principal});
  std::map<std::string, std::set<Verb>> verbs;
  while (row.executeStep()) {
    // A verb that a newer tealhook granted is none that we could let anybody do.
    if (const auto verb = parse_verb(row.getColumn(1).getString())) {
      verbs[row.getColumn(0).getString()].insert(*verb);
    }
  }
  std::vector<Grant> grants;
  grants.reserve(verbs.size());
  for (auto& [app, granted] : verbs) {
    grants.push_back({.app = app, .verbs = std::move(granted)});
  }
  return grants;
}

struct Row {
  std::int64_t id;
  Credential credential;
};

/// Of those not removed. `condition` follows AND.
std::vector<Row> find_rows(SQLite::Database& database, Principal::Kind kind, const std::string& condition,
                           Values values) {
  SQLite::Statement row(database, "SELECT * FROM principals WHERE kind = ? AND removed IS NULL AND " + condition);
  values.insert(values.begin(), kind_text(kind));
  bind_values(row, values);
  std::vector<Row> found;
  while (row.executeStep()) {
    const auto last_used = row.getColumn("last_used");
    const std::int64_t id = row.getColumn("id").getInt64();
    found.push_back({.id = id,
                     .credential = {.principal = {.kind = kind,
                                                  .name = row.getColumn("name").getString(),
                                                  .grants = read_grants(database, id)},
                                    .proof = row.getColumn("proof").getString(),
                                    .fingerprint = row.getColumn("fingerprint").getString(),
                                    .created = to_time(row.getColumn("created").getInt64()),
                                    .last_used = last_used.isNull() ? std::nullopt
                                                                    : std::optional(to_time(last_used.getInt64()))}});
  }
  return found;
}

std::optional<Row> find_row(SQLite::Database& database, Principal::Kind kind, std::string_view name) {
  auto found = find_rows(database, kind, "name = ?", {std::string(name)});
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

void insert_grants(SQLite::Database& database, std::int64_t principal, const std::vector<Grant>& grants) {
  for (const Grant& grant : grants) {
    for (const Verb verb : grant.verbs) {
      change(database, "INSERT OR IGNORE INTO grants (principal_id, app, verb) VALUES (?, ?, ?)",
             {principal, grant.app, std::string(to_string(verb))});
    }
  }
}

/// In the record of each app that it is about.
void note(SQLite::Database& database, const Principal& principal, std::string_view what, const Principal& by,
          TimePoint now) {
  Action action{.app = "",
                .verb = fmt::format("{} {}", kind_text(principal.kind), what),
                .who = by.text(),
                .at = {},
                .text = principal.name,
                .origin = by.origin};
  if (principal.grants.empty()) {
    insert_action(database, action, now);
  }
  for (const Grant& grant : principal.grants) {
    action.app = grant.app;
    action.text = fmt::format("{}: {}", principal.name, describe(grant.verbs));
    insert_action(database, action, now);
  }
}

void require_new(SQLite::Database& database, const Credential& credential) {
  const Principal& principal = credential.principal;
  const std::string kind = kind_text(principal.kind);
  if (find_row(database, principal.kind, principal.name)) {
    throw Error(ErrorKind::usage,
                fmt::format("there is a {0} '{1}' already, and it is another one; first: tealhook {0} "
                            "remove {1}",
                            kind, principal.name));
  }
  const auto same = find_rows(database, principal.kind, "proof = ?", {credential.proof});
  if (!same.empty()) {
    const std::string& name = same.front().credential.principal.name;
    throw Error(ErrorKind::usage,
                fmt::format("that {0} is there as '{1}' already; use that name, or first: tealhook {0} "
                            "remove {1}",
                            kind, name));
  }
}

} // namespace

void Principals::add(const Credential& credential, const Principal& by) {
  const TimePoint now = m_clock.now();
  in_transaction(m_database, "store a key or token", [&](SQLite::Database& sql) {
    require_new(sql, credential);
    const Principal& principal = credential.principal;
    change(sql, "INSERT INTO principals (kind, name, proof, fingerprint, created) VALUES (?, ?, ?, ?, ?)",
           {kind_text(principal.kind), principal.name, credential.proof, credential.fingerprint, to_number(now)});
    insert_grants(sql, sql.getLastInsertRowid(), principal.grants);
    note(sql, principal, "add", by, now);
    return true;
  });
}

bool Principals::set_grants(const Principal& principal, const Principal& by) {
  return in_transaction(m_database, "store what a key or token may", [&](SQLite::Database& sql) {
    const auto row = find_row(sql, principal.kind, principal.name);
    if (!row) {
      throw Error(ErrorKind::usage,
                  fmt::format("there is no {} '{}' any more", kind_text(principal.kind), principal.name));
    }
    Principal lost = row->credential.principal;
    if (lost.grants == principal.grants) {
      return false;
    }
    change(sql, "DELETE FROM grants WHERE principal_id = ?", {row->id});
    insert_grants(sql, row->id, principal.grants);
    std::erase_if(lost.grants, [&](const Grant& before) {
      return std::any_of(principal.grants.begin(), principal.grants.end(),
                         [&](const Grant& now) { return now.app == before.app; });
    });
    if (!lost.grants.empty()) {
      note(sql, lost, "remove", by, m_clock.now());
    }
    note(sql, principal, "add", by, m_clock.now());
    return true;
  });
}

bool Principals::remove(Principal::Kind kind, std::string_view name, const Principal& by) {
  const TimePoint now = m_clock.now();
  return in_transaction(m_database, "remove a key or token", [&](SQLite::Database& sql) {
    const auto row = find_row(sql, kind, name);
    if (!row) {
      return false;
    }
    change(sql, "UPDATE principals SET removed = ? WHERE id = ?", {to_number(now), row->id});
    note(sql, row->credential.principal, "remove", by, now);
    return true;
  });
}

std::optional<Credential> Principals::find(Principal::Kind kind, std::string_view name) const {
  return in_store(m_database.handle(), k_read, [&]() -> std::optional<Credential> {
    auto row = find_row(m_database.handle(), kind, name);
    return row ? std::optional(std::move(row->credential)) : std::nullopt;
  });
}

std::optional<Credential> Principals::find_by_proof(Principal::Kind kind, std::string_view proof) const {
  return in_store(m_database.handle(), k_read, [&]() -> std::optional<Credential> {
    auto rows = find_rows(m_database.handle(), kind, "proof = ?", {std::string(proof)});
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front().credential));
  });
}

std::vector<Credential> Principals::list(Principal::Kind kind) const {
  return in_store(m_database.handle(), k_read, [&] {
    std::vector<Credential> found;
    for (Row& row : find_rows(m_database.handle(), kind, "1 ORDER BY name", {})) {
      found.push_back(std::move(row.credential));
    }
    return found;
  });
}

void Principals::note_use(const Credential& credential) try {
  const TimePoint now = m_clock.now();
  if (credential.last_used && now - *credential.last_used < k_use_precision) {
    return;
  }
  in_store(m_database.handle(), "store the use of a key or token", [&] {
    change(m_database.handle(), "UPDATE principals SET last_used = ? WHERE kind = ? AND name = ? AND removed IS NULL",
           {to_number(now), kind_text(credential.principal.kind), credential.principal.name});
  });
} catch (const Error&) { // a full disk, or a file that others hold
}

} // namespace teal
