#include "store/history.hpp"

#include "store/rows.hpp"
#include "store/sql.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace teal {

namespace {

constexpr const char* k_read = "read the history";

std::optional<Deployment> newest(const Database& database, const std::string& condition, const Values& values) {
  return in_store(database.handle(), k_read,
                  [&] { return find_deployment(database.handle(), condition + " ORDER BY d.id DESC", values); });
}

/// The doors that sources come through: those of the index events_by_source.
constexpr const char* k_of_source =
    "e.door IN ('webhook', 'registry', 'poll', 'file') AND e.app = ? AND e.who = ? AND e.ref = ?";

} // namespace

History::History(Database& database) : m_database(database) {}

std::optional<Deployment> History::deployment(std::int64_t id) const {
  return newest(m_database, "d.id = ?", {id});
}

std::vector<Deployment> History::deployments(std::string_view app, std::size_t limit) const {
  return in_store(m_database.handle(), k_read, [&] {
    return find_deployments(m_database.handle(), "d.app = ? ORDER BY d.id DESC LIMIT ?",
                            {std::string(app), static_cast<std::int64_t>(limit)});
  });
}

std::vector<Deployment> History::deployments(std::size_t limit) const {
  return in_store(m_database.handle(), k_read, [&] {
    return find_deployments(m_database.handle(), "1 ORDER BY d.id DESC LIMIT ?", {static_cast<std::int64_t>(limit)});
  });
}

std::vector<Deployment> History::of_event(std::int64_t event) const {
  return in_store(m_database.handle(), k_read,
                  [&] { return find_deployments(m_database.handle(), "d.event_id = ? ORDER BY d.id DESC", {event}); });
}

std::optional<Deployment> History::retry_of(const Deployment& failed) const {
  return newest(m_database, "d.event_id = ? AND d.retry_of = ?", {failed.event.id, failed.id});
}

std::vector<Deployment> History::deployments(const DeploymentFilter& filter) const {
  const auto limit = static_cast<std::int64_t>(filter.limit);
  const std::string condition = filter.status ? "AND status = ?" : "";
  return in_store(m_database.handle(), k_read, [&] {
    std::vector<std::int64_t> ids;
    for (const std::string& app : filter.apps) {
      Values values{app, filter.before.value_or(std::numeric_limits<std::int64_t>::max())};
      if (filter.status) {
        values.emplace_back(std::string(to_string(*filter.status)));
      }
      values.emplace_back(limit);
      const auto more = numbers(
          m_database.handle(),
          "SELECT id FROM deployments WHERE app = ? AND id < ? " + condition + " ORDER BY id DESC LIMIT ?", values);
      ids.insert(ids.end(), more.begin(), more.end());
    }
    std::sort(ids.begin(), ids.end(), std::greater<>());
    ids.resize(std::min(ids.size(), filter.limit));
    std::vector<Deployment> found;
    for (const std::int64_t id : ids) {
      if (auto one = find_deployment(m_database.handle(), "d.id = ?", {id})) {
        found.push_back(std::move(*one));
      }
    }
    return found;
  });
}

std::optional<Deployment> History::latest(std::string_view app) const {
  return newest(m_database, "d.app = ?", {std::string(app)});
}

std::optional<Deployment> History::last_asked(std::string_view app) const {
  return newest(m_database, "d.app = ? AND d.from_release = 0", {std::string(app)});
}

std::optional<Deployment> History::last_asked_by(std::string_view app, std::string_view who,
                                                 std::string_view ref) const {
  return in_store(m_database.handle(), k_read, [&] {
    return find_deployment(m_database.handle(), std::string(k_of_source) + " ORDER BY e.id DESC, d.id DESC",
                           {std::string(app), std::string(who), std::string(ref)});
  });
}

std::optional<Deployment> History::last_sound_by(std::string_view app, std::string_view who,
                                                 std::string_view ref) const {
  return in_store(m_database.handle(), k_read, [&] {
    return find_deployment(m_database.handle(),
                           std::string(k_of_source) + " AND d.status IN ('queued', 'running', 'live', 'ready') "
                                                      "ORDER BY e.id DESC, d.id DESC",
                           {std::string(app), std::string(who), std::string(ref)});
  });
}

std::vector<Deployment> History::held(std::string_view app, TimePoint since) const {
  return in_store(m_database.handle(), k_read, [&] {
    return find_deployments(m_database.handle(),
                            "d.app = ? AND d.status = 'cancelled' AND d.started IS NULL AND d.finished >= ? "
                            "AND d.from_release = 0 AND d.id = (SELECT max(id) FROM deployments "
                            "WHERE app = d.app AND destination = d.destination AND from_release = 0) ORDER BY d.id",
                            {std::string(app), to_number(since)});
  });
}

std::vector<std::string> History::repositories(std::string_view app) const {
  return in_store(m_database.handle(), k_read, [&] {
    SQLite::Statement row(
        m_database.handle(),
        "SELECT repository FROM events WHERE app = ? AND repository <> '' GROUP BY repository ORDER BY max(id) DESC");
    bind_values(row, {std::string(app)});
    std::vector<std::string> paths;
    while (row.executeStep()) {
      paths.push_back(row.getColumn(0).getString());
    }
    return paths;
  });
}

std::optional<Deployment> History::current(std::string_view app, Color color) const {
  return newest(m_database, "d.app = ? AND d.color = ? AND d.status IN ('live', 'ready')",
                {std::string(app), std::string(to_string(color))});
}

std::optional<Deployment> History::latest(std::string_view app, Color color) const {
  const std::string name(to_string(color));
  return newest(m_database, "d.app = ? AND coalesce(d.color, d.destination) = ?", {std::string(app), name});
}

std::optional<Deployment> History::current_at(std::string_view app, const Destination& target) const {
  return newest(m_database, "d.app = ? AND d.destination = ? AND d.status IN ('live', 'ready')",
                {std::string(app), target.text()});
}

std::optional<Deployment> History::latest_at(std::string_view app, const Destination& target) const {
  return newest(m_database, "d.app = ? AND d.destination = ?", {std::string(app), target.text()});
}

std::optional<Deployment> History::latest_on_a_color(std::string_view app) const {
  return newest(m_database, "d.app = ? AND d.color IS NOT NULL", {std::string(app)});
}

std::optional<Release> History::release(std::int64_t id) const {
  return in_store(m_database.handle(), k_read, [&]() -> std::optional<Release> {
    auto found = find_releases(m_database.handle(), "id = ?", {id});
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  });
}

std::vector<Release> History::releases(std::string_view app) const {
  return in_store(m_database.handle(), k_read, [&] {
    return find_releases(m_database.handle(), "app = ? ORDER BY created DESC, id DESC", {std::string(app)});
  });
}

std::vector<Release> History::releases_of(std::string_view app, std::string_view target) const {
  std::vector<Release> found = releases(app);
  std::erase_if(found, [&](const Release& release) { return release.target != target; });
  return found;
}

bool History::has_succeeded(std::int64_t release) const {
  return newest(m_database, "d.release_id = ? AND d.status IN ('live', 'ready')", {release}).has_value();
}

std::optional<ReleaseSettings> History::release_settings(std::int64_t release) const {
  return in_store(m_database.handle(), k_read, [&]() -> std::optional<ReleaseSettings> {
    SQLite::Statement row(m_database.handle(),
                          "SELECT settings, pushed, env, own_env, procfile, app_json FROM release_settings "
                          "WHERE release_id = ?");
    bind_values(row, {release});
    if (!row.executeStep()) {
      return std::nullopt;
    }
    const auto optional_text = [&](int index) {
      const auto column = row.getColumn(index);
      return column.isNull() ? std::nullopt : std::optional(column.getString());
    };
    return ReleaseSettings{.settings = row.getColumn(0).getString(),
                           .pushed = optional_text(1),
                           .env = row.getColumn(2).getString(),
                           .own_env = row.getColumn(3).getString(),
                           .procfile = optional_text(4),
                           .app_json = optional_text(5)};
  });
}

void History::forget_release(std::int64_t id) {
  in_store(m_database.handle(), "forget a release",
           [&] { change(m_database.handle(), "DELETE FROM releases WHERE id = ?", {id}); });
}

void History::forget_app(std::string_view app) {
  in_store(m_database.handle(), "forget an app", [&] {
    SQLite::Transaction transaction(m_database.handle(), SQLite::TransactionBehavior::IMMEDIATE);
    // In this order: deployments refer to the other two, and take their steps with them.
    for (const std::string table :
         {"deployments", "events", "releases", "live", "freezes", "repositories", "deliveries", "grants",
          "source_checks", "source_refs", "pauses", "polled_refs", "idempotency_keys"}) {
      change(m_database.handle(), "DELETE FROM " + table + " WHERE app = ?", {std::string(app)});
    }
    transaction.commit();
  });
}

} // namespace teal
