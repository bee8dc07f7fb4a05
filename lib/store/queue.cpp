#include "store/queue.hpp"

#include "core/error.hpp"
#include "store/idempotency.hpp"
#include "store/rows.hpp"
#include "store/sql.hpp"
#include "store/transaction.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

std::string text(std::string_view view) {
  return std::string(view);
}

std::int64_t insert_event(SQLite::Database& database, const Event& event) {
  change(database,
         "INSERT INTO events (app, door, repository, ref, old_commit, new_commit, subject, who, at, artifact) "
         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
         {event.app, text(to_string(event.trigger)), event.repository, event.ref, event.old_commit, event.new_commit,
          event.subject, event.who, to_number(event.at), event.artifact});
  return database.getLastInsertRowid();
}

// Said in the words of the index deployments_to_do, which is not used otherwise.
constexpr const char* k_queued = "status IN ('queued', 'running') AND status = 'queued'";
constexpr const char* k_not_paused = "NOT EXISTS (SELECT 1 FROM pauses p WHERE p.app = d.app)";
/// Of deployments that a runner began, or that are still being tidied up after.
constexpr const char* k_ids_at_work =
    "SELECT id FROM deployments WHERE app = ? AND status IN ('queued', 'running') AND status = 'running' "
    "UNION SELECT deployment_id FROM steps WHERE status = 'running'";
Value value_or_null(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value(nullptr);
}

/// Which waiting deployments a newer one takes the place of: Destination says it.
constexpr const char* k_same_place =
    "app = ? AND status IN ('queued', 'running') AND status = 'queued' AND destination = ?";

Values same_place(const Deployment& deployment) {
  return {deployment.event.app, deployment.destination.queue_key()};
}

/// What a restart may not take the place of: it brings nothing that the other one would have. And a scaling brings what
/// no other kind does.
constexpr const char* k_given_way_to = "(restarts = 1 OR ? = 0) AND (replicas > 0) = ?";

Values joined(Values first, const Values& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// End all that still waits for the same place as `deployment`.
std::vector<std::int64_t> supersede_older(SQLite::Database& database, const Deployment& deployment, std::int64_t now) {
  auto superseded = numbers(
      database,
      fmt::format("UPDATE deployments SET status = 'superseded', finished = ?, outcome = ? WHERE id < ? AND {} AND {} "
                  "RETURNING id",
                  k_given_way_to, k_same_place),
      joined({now, fmt::format("superseded by deployment {}", deployment.id), deployment.id,
              deployment.is_restart ? 1 : 0, deployment.replicas > 0 ? 1 : 0},
             same_place(deployment)));
  std::sort(superseded.begin(), superseded.end());
  return superseded;
}

/// When the first of those came that still wait there; `now` if none does, or the clock was set back since.
TimePoint quiet_since(SQLite::Database& database, const Deployment& deployment, TimePoint now) {
  SQLite::Statement first(database, fmt::format("SELECT min(quiet_since) FROM deployments WHERE {}", k_same_place));
  bind_values(first, same_place(deployment));
  const bool is_there = first.executeStep() && !first.getColumn(0).isNull();
  return is_there ? std::min(to_time(first.getColumn(0).getInt64()), now) : now;
}

Value time_or_null(const std::optional<TimePoint>& time) {
  return time ? Value(to_number(*time)) : Value(nullptr);
}

void insert_deployment(SQLite::Database& database, Deployment& deployment, const Queue::Quiet& quiet) {
  const Event& event = deployment.event;
  std::optional<TimePoint> since;
  if (quiet.pause.count() > 0) {
    since = quiet_since(database, deployment, deployment.created);
    deployment.due = std::min(deployment.created + quiet.pause, *since + quiet.longest);
  }
  deployment.event.id = insert_event(database, event);
  change(database,
         "INSERT INTO deployments (event_id, app, destination, from_release, restarts, replicas, release_id, status, "
         "created, due, quiet_since) VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0), 'queued', ?, ?, ?)",
         {event.id, event.app, deployment.destination.text(), deployment.from_release ? 1 : 0,
          deployment.is_restart ? 1 : 0, deployment.replicas, deployment.release, to_number(deployment.created),
          time_or_null(deployment.due), time_or_null(since)});
  deployment.id = database.getLastInsertRowid();
}

/// For the audit, which outlives event and deployment.
Action asked_for(const Deployment& deployment) {
  const Event& event = deployment.event;
  const std::string_view verb = deployment.replicas > 0          ? "scale"
                                : deployment.is_restart          ? "restart"
                                : deployment.from_release        ? "rollback"
                                : event.trigger == Trigger::push ? "push"
                                                                 : "deploy";
  return {.app = event.app,
          .verb = std::string(verb),
          .who = event.who,
          .at = {},
          .text = fmt::format("{} ({}) to {}", short_ref(event.ref), short_commit(event.new_commit),
                              deployment.destination.text()),
          .origin = {.door = event.trigger, .from = event.from},
          .deployment = deployment.id};
}

/// Throws Error(internal) where the sender's key is there: of two who ask at once, one is first.
void keep_idempotency_key(SQLite::Database& database, const Deployment& deployment) {
  if (const auto& asked = deployment.event.idempotency) {
    change(database, "DELETE FROM idempotency_keys WHERE at < ?",
           {to_number(deployment.created - IdempotencyKeys::k_age)});
    change(database,
           "INSERT INTO idempotency_keys (who, key, app, request, deployment_id, at) VALUES (?, ?, ?, ?, ?, ?)",
           {deployment.event.who, asked->key, deployment.event.app, asked->request, deployment.id,
            to_number(deployment.created)});
  }
}

void require_one(int changed, std::int64_t deployment, std::string_view doing) {
  if (changed != 1) {
    throw Error(ErrorKind::internal,
                fmt::format("cannot {} deployment {}: it is not there, or its status forbids it", doing, deployment));
  }
}

void require_final(std::int64_t deployment, Status status) {
  if (!is_final(status)) {
    throw Error(ErrorKind::internal,
                fmt::format("cannot finish deployment {}: '{}' is no final status", deployment, to_string(status)));
  }
}

int fail_open_steps(SQLite::Database& database, std::int64_t deployment, std::int64_t now) {
  return change(database,
                "UPDATE steps SET status = 'failed', duration_ms = max(0, ? - started) "
                "WHERE deployment_id = ? AND status = 'running'",
                {now, deployment});
}

void store_outcome(SQLite::Database& database, std::int64_t deployment, Status status, const Queue::Outcome& outcome,
                   std::int64_t now) {
  const int finished = change(database,
                              "UPDATE deployments SET status = ?, finished = ?, outcome = ?, engine_ms = ?, "
                              "peak_bytes = ? WHERE id = ? AND status IN ('queued', 'running')",
                              {text(to_string(status)), now, outcome.text, outcome.engine_time.count(),
                               static_cast<std::int64_t>(outcome.peak_memory), deployment});
  require_one(finished, deployment, "finish");
  fail_open_steps(database, deployment, now);
}

/// Whether anything was asked for after `deployment` that goes to the same place.
bool has_newer(SQLite::Database& database, const Deployment& deployment) {
  return !numbers(database, "SELECT id FROM deployments WHERE id > ? AND app = ? AND destination = ? LIMIT 1",
                  {deployment.id, deployment.event.app, deployment.destination.queue_key()})
              .empty();
}

Pause read_pause(SQLite::Statement& row) {
  return {.app = row.getColumn("app").getString(),
          .who = row.getColumn("who").getString(),
          .at = to_time(row.getColumn("at").getInt64())};
}

} // namespace

Queue::Queue(Database& database, const Clock& clock) : m_database(database), m_clock(clock) {}

Queue::Enqueued Queue::enqueue(const Request& request, const Quiet& quiet) {
  return in_transaction(m_database, "queue a deployment", [&](SQLite::Database& sql) {
    Deployment deployment{.event = request.event,
                          .destination = request.destination,
                          .from_release = request.release != 0,
                          .is_restart = request.is_restart,
                          .release = request.release,
                          .created = m_clock.now(),
                          .replicas = request.replicas};
    insert_deployment(sql, deployment, quiet);
    insert_action(sql, asked_for(deployment), deployment.created);
    keep_idempotency_key(sql, deployment);
    if (const auto freeze = find_freeze(sql, request.event.app)) {
      if (cancel_for(*freeze, sql, deployment.created) > 0) {
        deployment.status = Status::cancelled;
        return Enqueued{std::move(deployment), {}};
      }
    }
    auto superseded = supersede_older(sql, deployment, to_number(deployment.created));
    return Enqueued{std::move(deployment), std::move(superseded)};
  });
}

std::optional<Deployment> Queue::next(std::string_view app) const {
  return in_store(m_database.handle(), "read the queue", [&] {
    const TimePoint now = m_clock.now();
    return find_deployment(m_database.handle(),
                           fmt::format("d.app = ? AND d.{} AND (d.due IS NULL OR d.due <= ? OR d.due > ?) AND {} "
                                       "ORDER BY d.id",
                                       k_queued, k_not_paused),
                           {text(app), to_number(now), to_number(now + k_longest_wait)});
  });
}

std::optional<Milliseconds> Queue::until_next(std::string_view app) const {
  return in_store(m_database.handle(), "read the queue", [&]() -> std::optional<Milliseconds> {
    const TimePoint now = m_clock.now();
    SQLite::Statement row(m_database.handle(),
                          fmt::format("SELECT min(CASE WHEN due IS NULL OR due > ? THEN 0 ELSE due END) "
                                      "FROM deployments d WHERE app = ? AND {} AND {}",
                                      k_queued, k_not_paused));
    bind_values(row, {to_number(now + k_longest_wait), text(app)});
    if (!row.executeStep() || row.getColumn(0).isNull()) {
      return std::nullopt;
    }
    return std::max(to_time(row.getColumn(0).getInt64()) - now, Milliseconds(0));
  });
}

std::vector<Deployment> Queue::unfinished(std::string_view app) const {
  return in_store(m_database.handle(), "read the queue", [&] {
    return find_deployments(m_database.handle(),
                            fmt::format("+d.app = ? AND d.id IN ({}) ORDER BY d.id", k_ids_at_work),
                            {text(app), text(app)});
  });
}

bool Queue::is_awaited(std::int64_t release) const {
  return in_store(m_database.handle(), "read the queue", [&] {
    return !numbers(m_database.handle(),
                    "SELECT id FROM deployments WHERE release_id = ? AND status IN ('queued', 'running') LIMIT 1",
                    {release})
                .empty();
  });
}

std::vector<Deployment> Queue::pending() const {
  return in_store(m_database.handle(), "read the queue", [&] {
    return find_deployments(m_database.handle(),
                            "d.id IN (SELECT id FROM deployments WHERE status IN ('queued', 'running')) ORDER BY d.id",
                            {});
  });
}

bool Queue::cancel(std::int64_t deployment, std::string_view who) {
  return in_store(m_database.handle(), "cancel a deployment", [&] {
    return change(m_database.handle(),
                  "UPDATE deployments SET status = 'cancelled', finished = ?, outcome = ? "
                  "WHERE id = ? AND status = 'queued'",
                  {to_number(m_clock.now()), cancelled_by(who), deployment}) == 1;
  });
}

std::vector<std::string> Queue::apps_with_work() const {
  return in_store(m_database.handle(), "read the queue", [&] {
    SQLite::Statement row(m_database.handle(),
                          fmt::format("SELECT app FROM deployments d WHERE status IN ('queued', 'running') "
                                      "AND (status = 'running' OR {}) UNION SELECT d.app FROM steps s "
                                      "JOIN deployments d ON d.id = s.deployment_id WHERE s.status = 'running' "
                                      "ORDER BY 1",
                                      k_not_paused));
    std::vector<std::string> apps;
    while (row.executeStep()) {
      apps.push_back(row.getColumn(0).getString());
    }
    return apps;
  });
}

bool Queue::begin(std::int64_t deployment, std::optional<Color> color) {
  return in_store(m_database.handle(), "begin a deployment", [&] {
    return change(m_database.handle(),
                  fmt::format("UPDATE deployments AS d SET status = 'running', color = ?, started = ?, attempts = 1 "
                              "WHERE id = ? AND status = 'queued' AND {}",
                              k_not_paused),
                  {color ? Value(text(to_string(*color))) : Value(nullptr), to_number(m_clock.now()), deployment}) == 1;
  });
}

void Queue::begin_again(std::int64_t deployment) {
  in_transaction(m_database, "begin a deployment again", [&](SQLite::Database& sql) {
    require_one(
        change(sql, "UPDATE deployments SET attempts = attempts + 1 WHERE id = ? AND status = 'running'", {deployment}),
        deployment, "begin again");
    return change(sql, "DELETE FROM steps WHERE deployment_id = ?", {deployment});
  });
}

bool Queue::is_superseded(const Deployment& deployment) const {
  return in_store(m_database.handle(), "read the queue", [&] {
    return !numbers(
                m_database.handle(),
                fmt::format("SELECT id FROM deployments WHERE id > ? AND restarts <= ? AND (replicas > 0) = ? AND {}",
                            k_same_place),
                joined({deployment.id, deployment.is_restart ? 1 : 0, deployment.replicas > 0 ? 1 : 0},
                       same_place(deployment)))
                .empty();
  });
}

void Queue::begin_step(std::int64_t deployment, StepName step) {
  in_store(m_database.handle(), "begin a step", [&] {
    // A step begins twice where the next runner takes over from a killed one.
    change(m_database.handle(),
           "INSERT INTO steps (deployment_id, name, status, started) VALUES (?, ?, 'running', ?) "
           "ON CONFLICT (deployment_id, name) DO UPDATE SET status = 'running', started = excluded.started, "
           "duration_ms = 0, fact = ''",
           {deployment, text(to_string(step)), to_number(m_clock.now())});
  });
}

void Queue::end_step(std::int64_t deployment, StepName step, StepStatus status, Milliseconds duration,
                     std::string_view fact) {
  // How a step ended is on disk no later than that the next one begins: until then, it is as if we were killed at it.
  const LazySync lazy(m_database.handle());
  in_store(m_database.handle(), "end a step", [&] {
    require_one(change(m_database.handle(),
                       "UPDATE steps SET status = ?, duration_ms = ?, fact = ? "
                       "WHERE deployment_id = ? AND name = ? AND status = 'running'",
                       {text(to_string(status)), duration.count(), text(fact), deployment, text(to_string(step))}),
                deployment, fmt::format("end step {} of", to_string(step)));
  });
}

std::int64_t Queue::add_release(std::int64_t deployment, const Release& release) {
  return in_transaction(m_database, "store a release", [&](SQLite::Database& sql) {
    // The newest is the last one that was added, whatever a clock that was set back says.
    const auto ids = numbers(sql,
                             "INSERT INTO releases (app, commit_id, subject, target, identity, artifact, created) "
                             "VALUES (?, ?, ?, ?, ?, '', max(?, (SELECT coalesce(max(created) + 1, 0) FROM releases "
                             "WHERE app = ?))) ON CONFLICT (app, target, identity) DO UPDATE SET "
                             "commit_id = excluded.commit_id, subject = excluded.subject, "
                             "created = excluded.created RETURNING id",
                             {release.app, release.commit, release.subject, release.target, release.identity,
                              to_number(release.created), release.app});
    require_one(change(sql, "UPDATE deployments SET release_id = ? WHERE id = ? AND app = ? AND status = 'running'",
                       {ids.front(), deployment, release.app}),
                deployment, "add a release to");
    return ids.front();
  });
}

void Queue::set_release(std::int64_t deployment, std::int64_t release) {
  in_store(m_database.handle(), "store a deployment's release", [&] {
    require_one(change(m_database.handle(), "UPDATE deployments SET release_id = ? WHERE id = ? AND status = 'running'",
                       {release, deployment}),
                deployment, "set the release of");
  });
}

void Queue::publish_release(std::int64_t release, const std::string& artifact) {
  in_store(m_database.handle(), "store where a release is kept", [&] {
    if (change(m_database.handle(), "UPDATE releases SET artifact = ? WHERE id = ?", {artifact, release}) != 1) {
      throw Error(ErrorKind::internal, fmt::format("cannot publish release {}: it is not there", release));
    }
  });
}

void Queue::keep_settings(std::int64_t release, const ReleaseSettings& settings) {
  in_store(m_database.handle(), "store a release's settings", [&] {
    change(m_database.handle(),
           "INSERT OR REPLACE INTO release_settings (release_id, settings, pushed, env, own_env, procfile, app_json) "
           "VALUES (?, ?, ?, ?, ?, ?, ?)",
           {release, settings.settings, value_or_null(settings.pushed), settings.env, settings.own_env,
            value_or_null(settings.procfile), value_or_null(settings.app_json)});
  });
}

void Queue::finish(std::int64_t deployment, Status status, const Outcome& outcome) {
  require_final(deployment, status);
  const std::int64_t now = to_number(m_clock.now());
  in_transaction(m_database, "finish a deployment", [&](SQLite::Database& sql) {
    store_outcome(sql, deployment, status, outcome, now);
    return 0;
  });
}

std::optional<Deployment> Queue::fail_for_now(std::int64_t deployment, const Outcome& outcome, Milliseconds pause) {
  const TimePoint now = m_clock.now();
  return in_transaction(m_database, "finish a deployment", [&](SQLite::Database& sql) -> std::optional<Deployment> {
    store_outcome(sql, deployment, Status::failed, outcome, to_number(now));
    const auto failed = find_deployment(sql, "d.id = ?", {deployment});
    if (has_newer(sql, *failed) || find_freeze(sql, failed->event.app)) {
      return std::nullopt;
    }
    change(sql,
           "INSERT INTO deployments (event_id, app, destination, status, created, due, retry, retry_of) "
           "SELECT event_id, app, destination, 'queued', ?, ?, retry + 1, id FROM deployments WHERE id = ?",
           {to_number(now), to_number(now + pause), deployment});
    return find_deployment(sql, "d.id = ?", {sql.getLastInsertRowid()});
  });
}

void Queue::close_steps(std::int64_t deployment) {
  in_store(m_database.handle(), "close the steps of a deployment",
           [&] { fail_open_steps(m_database.handle(), deployment, to_number(m_clock.now())); });
}

bool Queue::pause(const Pause& pause, const Origin& origin) {
  const TimePoint now = m_clock.now();
  return in_transaction(m_database, "pause an app's queue", [&](SQLite::Database& sql) {
    const bool is_new = change(sql, "INSERT INTO pauses (app, who, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                               {pause.app, pause.who, to_number(now)}) == 1;
    if (is_new) {
      insert_action(sql,
                    {.app = pause.app,
                     .verb = "pause",
                     .who = pause.who,
                     .at = {},
                     .text = "what is asked for waits",
                     .origin = origin},
                    now);
    }
    return is_new;
  });
}

bool Queue::resume(std::string_view app, std::string_view who, const Origin& origin) {
  const Action action{
      .app = text(app), .verb = "resume", .who = text(who), .at = {}, .text = "what waited begins", .origin = origin};
  return in_transaction(m_database, "resume an app's queue", [&](SQLite::Database& sql) {
    const bool was_paused = change(sql, "DELETE FROM pauses WHERE app = ?", {action.app}) == 1;
    if (was_paused) {
      insert_action(sql, action, m_clock.now());
    }
    return was_paused;
  });
}

std::optional<Pause> Queue::find_pause(std::string_view app) const {
  return in_store(m_database.handle(), "read the queue", [&]() -> std::optional<Pause> {
    SQLite::Statement row(m_database.handle(), "SELECT * FROM pauses WHERE app = ?");
    bind_values(row, {text(app)});
    return row.executeStep() ? std::optional(read_pause(row)) : std::nullopt;
  });
}

std::vector<Pause> Queue::pauses() const {
  return in_store(m_database.handle(), "read the queue", [&] {
    SQLite::Statement row(m_database.handle(), "SELECT * FROM pauses ORDER BY app");
    std::vector<Pause> found;
    while (row.executeStep()) {
      found.push_back(read_pause(row));
    }
    return found;
  });
}

} // namespace teal
