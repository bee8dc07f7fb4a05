/// @file
/// TrafficLog: where each app's live traffic went and goes, and which apps are frozen.
///
/// A freeze, and its end, are actions of who did it (see Actions).
///
/// The router is asked where it really goes; this follows (see deploy/recovery).
#pragma once

#include "model/live.hpp"
#include "model/origin.hpp"
#include "store/database.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace teal {

class TrafficLog {
public:
  TrafficLog(Database& database, const Clock& clock) : m_database(database), m_clock(clock) {}

  /// Where it goes now. Nothing if it never went anywhere.
  [[nodiscard]] std::optional<Live> live(std::string_view app) const;
  /// What was live, newest first, at most `limit`; the first is live now.
  [[nodiscard]] std::vector<Live> history(std::string_view app, std::size_t limit) const;
  /// From now on it goes there; id and time are ignored.
  void move(const Live& live);

  [[nodiscard]] std::optional<Freeze> freeze(std::string_view app) const;
  /// From now on, in place of an earlier one; the time is ignored. What waits of the app, but for rollbacks, will not
  /// run. Returns how many deployments that were.
  int set_freeze(const Freeze& freeze, const Origin& origin = {});
  /// False if there was none.
  bool remove_freeze(std::string_view app, std::string_view who, const Origin& origin = {});

private:
  Database& m_database;
  const Clock& m_clock;
};

} // namespace teal
