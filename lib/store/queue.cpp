#include "store/queue.hpp"

#include "core/error.hpp"
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

/// Which waiting deployments a newer one takes the place of: Destination says it.
constexpr const char* k_same_place = "app = ? AND status = 'queued' AND destination = ?";

Values same_place(const Deployment& deployment) {
  return {deployment.event.app, deployment.destination.queue_key()};
}

Values joined(Values first, const Values& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// End all that still waits for the same place as `deployment`.
std::vector<std::int64_t> supersede_older(SQLite::Database& database, const Deployment& deployment, std::int64_t now) {
  auto superseded = numbers(
      database,
      fmt::format("UPDATE deployments SET status = 'superseded', finished = ?, outcome = ? WHERE id < ? AND {} "
                  "RETURNING id",
                  k_same_place),
      joined({now, fmt::format("superseded by deployment {}", deployment.id), deployment.id}, same_place(deployment)));
  std::sort(superseded.begin(), superseded.end());
  return superseded;
}

Deployment insert_deployment(SQLite::Database& database, const Event& event, const Destination& destination,
                             std::int64_t release, TimePoint now) {
  Deployment deployment{
      .event = event, .destination = destination, .from_release = release != 0, .release = release, .created = now};
  deployment.event.id = insert_event(database, event);
  change(
      database,
      "INSERT INTO deployments (event_id, app, destination, from_release, release_id, status, created) "
      "VALUES (?, ?, ?, ?, nullif(?, 0), 'queued', ?)",
      {deployment.event.id, event.app, destination.text(), deployment.from_release ? 1 : 0, release, to_number(now)});
  deployment.id = database.getLastInsertRowid();
  return deployment;
}

/// For the audit, which outlives event and deployment.
Action asked_for(const Deployment& deployment) {
  const Event& event = deployment.event;
  const std::string_view verb = deployment.from_release          ? "rollback"
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

void require_one(int changed, std::int64_t deployment, std::string_view doing) {
  if (changed != 1) {
    throw Error(ErrorKind::internal,
                fmt::format("cannot {} deployment {}: it is not there, or its status forbids it", doing, deployment));
  }
}

int fail_open_steps(SQLite::Database& database, std::int64_t deployment, std::int64_t now) {
  return change(database,
                "UPDATE steps SET status = 'failed', duration_ms = max(0, ? - started) "
                "WHERE deployment_id = ? AND status = 'running'",
                {now, deployment});
}

} // namespace

Queue::Queue(Database& database, const Clock& clock) : m_database(database), m_clock(clock) {}

Queue::Enqueued Queue::enqueue(const Event& event, const Destination& destination, std::int64_t release) {
  return in_transaction(m_database, "queue a deployment", [&](SQLite::Database& sql) {
    Deployment deployment = insert_deployment(sql, event, destination, release, m_clock.now());
    insert_action(sql, asked_for(deployment), deployment.created);
    if (const auto freeze = find_freeze(sql, event.app)) {
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
    return find_deployment(m_database.handle(), "d.app = ? AND d.status = 'queued' ORDER BY d.id", {text(app)});
  });
}

std::vector<Deployment> Queue::unfinished(std::string_view app) const {
  return in_store(m_database.handle(), "read the queue", [&] {
    return find_deployments(m_database.handle(),
                            "d.app = ? AND (d.status = 'running' OR d.id IN (SELECT deployment_id FROM steps WHERE "
                            "status = 'running')) ORDER BY d.id",
                            {text(app)});
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
    return find_deployments(m_database.handle(), "d.status IN ('queued', 'running') ORDER BY d.id", {});
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
    SQLite::Statement row(m_database.handle(), "SELECT DISTINCT app FROM deployments "
                                               "WHERE status IN ('queued', 'running') OR id IN (SELECT deployment_id "
                                               "FROM steps WHERE status = 'running') ORDER BY app");
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
                  "UPDATE deployments SET status = 'running', color = ?, started = ?, attempts = 1 "
                  "WHERE id = ? AND status = 'queued'",
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
    return !numbers(m_database.handle(), fmt::format("SELECT id FROM deployments WHERE id > ? AND {}", k_same_place),
                    joined({deployment.id}, same_place(deployment)))
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
           "INSERT OR REPLACE INTO release_settings (release_id, settings, pushed, env) VALUES (?, ?, ?, ?)",
           {release, settings.settings, settings.pushed ? Value(*settings.pushed) : Value(nullptr), settings.env});
  });
}

void Queue::finish(std::int64_t deployment, Status status, const Outcome& outcome) {
  if (!is_final(status)) {
    throw Error(ErrorKind::internal,
                fmt::format("cannot finish deployment {}: '{}' is no final status", deployment, to_string(status)));
  }
  const std::int64_t now = to_number(m_clock.now());
  in_transaction(m_database, "finish a deployment", [&](SQLite::Database& sql) {
    const int finished =
        change(sql,
               "UPDATE deployments SET status = ?, finished = ?, outcome = ?, engine_ms = ?, peak_bytes = ? "
               "WHERE id = ? AND status IN ('queued', 'running')",
               {text(to_string(status)), now, outcome.text, outcome.engine_time.count(),
                static_cast<std::int64_t>(outcome.peak_memory), deployment});
    require_one(finished, deployment, "finish");
    return fail_open_steps(sql, deployment, now);
  });
}

void Queue::close_steps(std::int64_t deployment) {
  in_store(m_database.handle(), "close the steps of a deployment",
           [&] { fail_open_steps(m_database.handle(), deployment, to_number(m_clock.now())); });
}

} // namespace teal
