/// @file
/// Rows: table rows into the model's values. Inside store only.
#pragma once

#include "model/action.hpp"
#include "model/deployment.hpp"
#include "model/live.hpp"
#include "model/release.hpp"
#include "store/sql.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

[[nodiscard]] std::int64_t to_number(TimePoint time);
[[nodiscard]] TimePoint to_time(std::int64_t number);
/// Throws Error(environment) for what is no color.
[[nodiscard]] Color read_color(const std::string& text);
/// The same for a door.
[[nodiscard]] Trigger read_trigger(const std::string& text);

/// Deployments with their events and steps. `condition` follows WHERE, with the deployments as `d`, and may end in
/// ORDER BY and LIMIT.
[[nodiscard]] std::vector<Deployment> find_deployments(SQLite::Database& database, const std::string& condition,
                                                       const Values& values);
[[nodiscard]] std::optional<Deployment> find_deployment(SQLite::Database& database, const std::string& condition,
                                                        const Values& values);
/// `condition` follows WHERE.
[[nodiscard]] std::vector<Release> find_releases(SQLite::Database& database, const std::string& condition,
                                                 const Values& values);

[[nodiscard]] std::optional<Freeze> find_freeze(SQLite::Database& database, const std::string& app);
/// What is queued of the frozen app, but for rollbacks, will not run. Returns how many deployments that were.
int cancel_for(const Freeze& freeze, SQLite::Database& database, TimePoint now);

/// It happened `now`; its own id and time are ignored.
void insert_action(SQLite::Database& database, const Action& action, TimePoint now);

} // namespace teal
