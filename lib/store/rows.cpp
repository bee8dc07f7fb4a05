#include "store/rows.hpp"

#include "core/error.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

namespace teal {

namespace {

std::optional<TimePoint> optional_time(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(to_time(column.getInt64()));
}

/// The value that `text` names, where only a database that somebody edited by hand has another text.
template <class Named>
Named require(std::optional<Named> value, const std::string& text) {
  if (!value) {
    throw Error(ErrorKind::environment, fmt::format("cannot read state.db: it says '{}', which means nothing", text));
  }
  return *value;
}

Event read_event(SQLite::Statement& row) {
  return {.id = row.getColumn("event_id").getInt64(),
          .app = row.getColumn("app").getString(),
          .trigger = read_trigger(row.getColumn("door").getString()),
          .repository = row.getColumn("repository").getString(),
          .ref = row.getColumn("ref").getString(),
          .old_commit = row.getColumn("old_commit").getString(),
          .new_commit = row.getColumn("new_commit").getString(),
          .subject = row.getColumn("subject").getString(),
          .who = row.getColumn("who").getString(),
          .at = to_time(row.getColumn("at").getInt64()),
          .artifact = row.getColumn("artifact").getString()};
}

Deployment read_deployment(SQLite::Statement& row) {
  const std::string status = row.getColumn("status").getString();
  const std::string destination = row.getColumn("destination").getString();
  const SQLite::Column color = row.getColumn("color");
  return {.id = row.getColumn("id").getInt64(),
          .event = read_event(row),
          .destination = require(Destination::parse(destination), destination),
          .color = color.isNull() ? std::nullopt : std::optional(read_color(color.getString())),
          .status = require(parse_status(status), status),
          .from_release = row.getColumn("from_release").getInt() != 0,
          .is_restart = row.getColumn("restarts").getInt() != 0,
          .release = row.getColumn("release_id").getInt64(),
          .created = to_time(row.getColumn("created").getInt64()),
          .started = optional_time(row.getColumn("started")),
          .finished = optional_time(row.getColumn("finished")),
          .attempts = row.getColumn("attempts").getInt(),
          .engine_time = Milliseconds(row.getColumn("engine_ms").getInt64()),
          .peak_memory = static_cast<std::uint64_t>(row.getColumn("peak_bytes").getInt64()),
          .outcome = row.getColumn("outcome").getString(),
          .steps = {},
          .due = optional_time(row.getColumn("due")),
          .retry = row.getColumn("retry").getInt(),
          .retry_of = row.getColumn("retry_of").getInt64(),
          .replicas = row.getColumn("replicas").getInt()};
}

Step read_step(SQLite::Statement& row) {
  const std::string name = row.getColumn("name").getString();
  const std::string status = row.getColumn("status").getString();
  return {.name = require(parse_step_name(name), name),
          .status = require(parse_step_status(status), status),
          .started = to_time(row.getColumn("started").getInt64()),
          .duration = Milliseconds(row.getColumn("duration_ms").getInt64()),
          .fact = row.getColumn("fact").getString()};
}

Release read_release(SQLite::Statement& row) {
  return {.id = row.getColumn("id").getInt64(),
          .app = row.getColumn("app").getString(),
          .commit = row.getColumn("commit_id").getString(),
          .subject = row.getColumn("subject").getString(),
          .target = row.getColumn("target").getString(),
          .identity = row.getColumn("identity").getString(),
          .artifact = row.getColumn("artifact").getString(),
          .created = to_time(row.getColumn("created").getInt64())};
}

void add_steps(SQLite::Database& database, std::vector<Deployment>& deployments) {
  SQLite::Statement statement(database, "SELECT * FROM steps WHERE deployment_id = ? ORDER BY id");
  for (Deployment& deployment : deployments) {
    bind_values(statement, {deployment.id});
    while (statement.executeStep()) {
      deployment.steps.push_back(read_step(statement));
    }
    statement.reset();
  }
}

} // namespace

std::int64_t to_number(TimePoint time) {
  return time.time_since_epoch().count();
}

TimePoint to_time(std::int64_t number) {
  return TimePoint(Milliseconds(number));
}

Color read_color(const std::string& text) {
  return require(parse_color(text), text);
}

Trigger read_trigger(const std::string& text) {
  return require(parse_trigger(text), text);
}

std::vector<Deployment> find_deployments(SQLite::Database& database, const std::string& condition,
                                         const Values& values) {
  SQLite::Statement statement(
      database,
      "SELECT d.*, e.door, e.repository, e.ref, e.old_commit, e.new_commit, e.subject, e.who, e.at, e.artifact "
      "FROM deployments d JOIN events e ON e.id = d.event_id WHERE " +
          condition);
  bind_values(statement, values);
  std::vector<Deployment> found;
  while (statement.executeStep()) {
    found.push_back(read_deployment(statement));
  }
  add_steps(database, found);
  return found;
}

std::optional<Deployment> find_deployment(SQLite::Database& database, const std::string& condition,
                                          const Values& values) {
  auto found = find_deployments(database, condition + " LIMIT 1", values);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<Release> find_releases(SQLite::Database& database, const std::string& condition, const Values& values) {
  SQLite::Statement statement(database, "SELECT * FROM releases WHERE " + condition);
  bind_values(statement, values);
  std::vector<Release> found;
  while (statement.executeStep()) {
    found.push_back(read_release(statement));
  }
  return found;
}

std::optional<Freeze> find_freeze(SQLite::Database& database, const std::string& app) {
  SQLite::Statement row(database, "SELECT * FROM freezes WHERE app = ?");
  bind_values(row, {app});
  if (!row.executeStep()) {
    return std::nullopt;
  }
  return Freeze{.app = row.getColumn("app").getString(),
                .who = row.getColumn("who").getString(),
                .why = row.getColumn("why").getString(),
                .at = to_time(row.getColumn("at").getInt64())};
}

int cancel_for(const Freeze& freeze, SQLite::Database& database, TimePoint now) {
  return change(database,
                "UPDATE deployments SET status = 'cancelled', finished = ?, outcome = ? "
                "WHERE app = ? AND status IN ('queued', 'running') AND status = 'queued' AND from_release = 0",
                {to_number(now), fmt::format("frozen by {}: {}", freeze.who, freeze.why), freeze.app});
}

void insert_action(SQLite::Database& database, const Action& action, TimePoint now) {
  change(database,
         "INSERT INTO actions (app, verb, who, at, text, door, origin, refused, deployment_id) "
         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
         {action.app, action.verb, action.who, to_number(now), action.text, std::string(to_string(action.origin.door)),
          action.origin.from, action.refused ? 1 : 0, action.deployment});
}

} // namespace teal
