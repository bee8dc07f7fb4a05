#include "store/deliveries.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/rows.hpp"
#include "store/sql.hpp"
#include "store/transaction.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace teal {

namespace {

constexpr std::array<std::string_view, 4> k_statuses{"done", "refused", "failed", "waiting"};
constexpr int k_forgotten_at_once = 500;

std::string lines_of(const std::vector<AskedRef>& refs) {
  std::string text;
  for (const AskedRef& one : refs) {
    text += fmt::format("{} {}\n", one.ref, one.commit);
  }
  return text;
}

std::vector<AskedRef> read_refs(const std::string& text) {
  std::vector<AskedRef> refs;
  for (const std::string& line : split(text, '\n')) {
    if (const std::size_t blank = line.find(' '); blank != std::string::npos) {
      refs.push_back({line.substr(0, blank), line.substr(blank + 1)});
    }
  }
  return refs;
}

DeliveryStatus read_status(const std::string& text) {
  if (const auto status = parse_delivery_status(text)) {
    return *status;
  }
  throw Error(ErrorKind::environment, fmt::format("cannot read state.db: a delivery's status is '{}'", text));
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += text;
  }
  return all;
}

StoredDelivery read_delivery(SQLite::Statement& row) {
  return {.id = row.getColumn("id").getInt64(),
          .app = row.getColumn("app").getString(),
          .source = row.getColumn("source").getString(),
          .sender = row.getColumn("sender").getString(),
          .refs = read_refs(row.getColumn("refs").getString()),
          .headers = {},
          .payload = {},
          .at = to_time(row.getColumn("at").getInt64()),
          .status = read_status(row.getColumn("status").getString()),
          .attempts = row.getColumn("attempts").getInt(),
          .outcome = row.getColumn("outcome").getString(),
          .deployment = row.getColumn("deployment_id").getInt64()};
}

/// All but headers and payload, which are large.
constexpr const char* k_heads =
    "SELECT id, app, source, sender, refs, at, status, attempts, outcome, deployment_id FROM deliveries WHERE ";

std::vector<StoredDelivery> read_deliveries(SQLite::Database& database, const std::string& condition,
                                            const Values& values) {
  SQLite::Statement row(database, k_heads + condition);
  bind_values(row, values);
  std::vector<StoredDelivery> found;
  while (row.executeStep()) {
    found.push_back(read_delivery(row));
  }
  return found;
}

/// The statements of one transaction, prepared once for all of its rows.
class Insertion {
public:
  explicit Insertion(SQLite::Database& database)
      : m_insert(database, "INSERT INTO deliveries (app, source, sender, at, refs) VALUES (?, ?, ?, ?, ?) "
                           "ON CONFLICT (app, source, sender) WHERE sender <> '' DO NOTHING"),
        m_again(database, "UPDATE deliveries SET status = 'waiting', attempts = 0, next_try = 0, outcome = '', "
                          "deployment_id = 0, at = ?, refs = ? WHERE app = ? AND source = ? AND sender = ? "
                          "AND sender <> '' AND status IN ('refused', 'failed')"),
        m_body(database, "INSERT OR REPLACE INTO delivery_bodies (delivery_id, headers, payload) VALUES (?, ?, ?)"),
        m_find(database, "SELECT id FROM deliveries WHERE app = ? AND source = ? AND sender = ? AND sender <> ''"),
        m_database(database) {}

  Deliveries::Taken take(const StoredDelivery& one) {
    const std::string refs = lines_of(one.refs);
    bind_values(m_insert, {one.app, one.source, one.sender, to_number(one.at), refs});
    const bool is_new = m_insert.exec() == 1;
    m_insert.reset();
    if (is_new) {
      const std::int64_t id = m_database.getLastInsertRowid();
      store_body(id, one);
      return {id, true};
    }
    bind_values(m_again, {to_number(one.at), refs, one.app, one.source, one.sender});
    const bool is_again = m_again.exec() == 1;
    m_again.reset();
    bind_values(m_find, {one.app, one.source, one.sender});
    const std::int64_t id = m_find.executeStep() ? m_find.getColumn(0).getInt64() : 0;
    m_find.reset();
    if (is_again) {
      store_body(id, one);
    }
    return {id, is_again};
  }

private:
  /// Bound in place: a payload may have 25 MB.
  void store_body(std::int64_t id, const StoredDelivery& one) {
    m_body.bind(1, id);
    m_body.bindNoCopy(2, one.headers);
    m_body.bindNoCopy(3, one.payload);
    m_body.exec();
    m_body.reset();
  }

  SQLite::Statement m_insert;
  SQLite::Statement m_again;
  SQLite::Statement m_body;
  SQLite::Statement m_find;
  SQLite::Database& m_database;
};

} // namespace

std::string_view to_string(DeliveryStatus status) noexcept {
  return k_statuses.at(static_cast<std::size_t>(status));
}

std::optional<DeliveryStatus> parse_delivery_status(std::string_view text) noexcept {
  const auto* const found = std::find(k_statuses.begin(), k_statuses.end(), text);
  return found == k_statuses.end() ? std::nullopt
                                   : std::optional(static_cast<DeliveryStatus>(found - k_statuses.begin()));
}

std::vector<Deliveries::Taken> Deliveries::add(const std::vector<StoredDelivery>& deliveries) {
  return in_transaction(m_database, "store a delivery", [&](SQLite::Database& sql) {
    Insertion insertion(sql);
    std::vector<Taken> taken;
    taken.reserve(deliveries.size());
    for (const StoredDelivery& one : deliveries) {
      taken.push_back(insertion.take(one));
    }
    return taken;
  });
}

std::vector<StoredDelivery> Deliveries::due(std::string_view app, TimePoint now, std::size_t limit) const {
  return in_store(m_database.handle(), "read the deliveries", [&] {
    return read_deliveries(
        m_database.handle(), "app = ? AND status = 'waiting' AND (next_try <= ? OR next_try > ?) ORDER BY id LIMIT ?",
        {std::string(app), to_number(now), to_number(now + k_longest_pause), static_cast<std::int64_t>(limit)});
  });
}

std::optional<TimePoint> Deliveries::next_due(std::string_view app, TimePoint now) const {
  return in_store(m_database.handle(), "read the deliveries", [&]() -> std::optional<TimePoint> {
    SQLite::Statement row(m_database.handle(),
                          "SELECT min(CASE WHEN next_try > ? THEN 0 ELSE next_try END) FROM deliveries "
                          "WHERE app = ? AND status = 'waiting'");
    bind_values(row, {to_number(now + k_longest_pause), std::string(app)});
    if (!row.executeStep() || row.getColumn(0).isNull()) {
      return std::nullopt;
    }
    return to_time(row.getColumn(0).getInt64());
  });
}

std::vector<std::string> Deliveries::apps_with_waiting() const {
  return in_store(m_database.handle(), "read the deliveries", [&] {
    SQLite::Statement row(m_database.handle(),
                          "SELECT DISTINCT app FROM deliveries WHERE status = 'waiting' ORDER BY app");
    std::vector<std::string> apps;
    while (row.executeStep()) {
      apps.push_back(row.getColumn(0).getString());
    }
    return apps;
  });
}

std::int64_t Deliveries::count_waiting() const {
  return in_store(m_database.handle(), "count the deliveries", [&] {
    return numbers(m_database.handle(), "SELECT count(*) FROM deliveries WHERE status = 'waiting'", {}).front();
  });
}

void Deliveries::settle(const std::vector<Settled>& settled) {
  in_transaction(m_database, "settle deliveries", [&](SQLite::Database& sql) {
    SQLite::Statement statement(sql, "UPDATE deliveries SET status = ?1, outcome = ?2, next_try = ?3, "
                                     "attempts = attempts + (?1 = 'waiting'), deployment_id = ?5 "
                                     "WHERE id = ?4 AND status = 'waiting'");
    for (const Settled& one : settled) {
      statement.bind(1, std::string(to_string(one.status)));
      statement.bind(2, one.outcome);
      statement.bind(3, to_number(one.next_try));
      statement.bind(4, one.id);
      statement.bind(5, one.deployment);
      statement.exec();
      statement.reset();
    }
    return 0;
  });
}

void Deliveries::settle_anew(const Settled& settled) {
  in_store(m_database.handle(), "settle a delivery", [&] {
    change(m_database.handle(),
           "UPDATE deliveries SET status = ?, outcome = ?, next_try = 0, attempts = 0, deployment_id = ? WHERE id = ?",
           {std::string(to_string(settled.status)), settled.outcome, settled.deployment, settled.id});
  });
}

std::vector<StoredDelivery> Deliveries::list(const std::optional<std::string>& app, std::size_t limit) const {
  const auto most = static_cast<std::int64_t>(limit);
  return in_store(m_database.handle(), "read the deliveries", [&] {
    return app ? read_deliveries(m_database.handle(), "app = ? ORDER BY id DESC LIMIT ?", {*app, most})
               : read_deliveries(m_database.handle(), "1 ORDER BY id DESC LIMIT ?", {most});
  });
}

std::optional<StoredDelivery> Deliveries::find(std::int64_t id) const {
  return in_store(m_database.handle(), "read a delivery", [&]() -> std::optional<StoredDelivery> {
    SQLite::Statement row(m_database.handle(),
                          "SELECT * FROM deliveries JOIN delivery_bodies ON delivery_id = id WHERE id = ?");
    bind_values(row, {id});
    if (!row.executeStep()) {
      return std::nullopt;
    }
    StoredDelivery found = read_delivery(row);
    found.headers = row.getColumn("headers").getString();
    found.payload = row.getColumn("payload").getString();
    return found;
  });
}

bool Deliveries::has(std::string_view app, std::string_view source, std::string_view sender) const {
  return in_store(m_database.handle(), "read the deliveries", [&] {
    return !numbers(m_database.handle(),
                    "SELECT id FROM deliveries WHERE app = ? AND source = ? AND sender = ? AND sender <> ''",
                    {std::string(app), std::string(source), std::string(sender)})
                .empty();
  });
}

std::vector<StoredDelivery> Deliveries::list(const DeliveryFilter& filter) const {
  if (filter.apps.empty()) {
    return {};
  }
  std::string condition = fmt::format("id < ? AND app IN (?{})", repeated(", ?", filter.apps.size() - 1));
  Values values{filter.before.value_or(std::numeric_limits<std::int64_t>::max())};
  values.insert(values.end(), filter.apps.begin(), filter.apps.end());
  if (filter.status) {
    condition += " AND status = ?";
    values.emplace_back(std::string(to_string(*filter.status)));
  }
  values.emplace_back(static_cast<std::int64_t>(filter.limit));
  return in_store(m_database.handle(), "read the deliveries", [&] {
    return read_deliveries(m_database.handle(), condition + " ORDER BY id DESC LIMIT ?", values);
  });
}

void Deliveries::forget_before(TimePoint before) {
  in_store(m_database.handle(), "forget old deliveries", [&] {
    // Ids grow with time, so the oldest are told without an index by time, which each delivery would have to pay for.
    change(m_database.handle(),
           fmt::format("DELETE FROM deliveries WHERE id IN (SELECT id FROM (SELECT id, at, status FROM deliveries "
                       "ORDER BY id LIMIT {}) WHERE at < ? AND status <> 'waiting')",
                       k_forgotten_at_once),
           {to_number(before)});
  });
}

} // namespace teal
