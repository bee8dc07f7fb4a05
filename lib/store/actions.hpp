/// @file
/// Actions: who did what to an app beside deploying it, for its history.
///
/// Invariant: what was written stays, also when its app is removed.
#pragma once

#include "model/action.hpp"
#include "store/database.hpp"

#include <string_view>
#include <vector>

namespace teal {

class Actions {
public:
  Actions(Database& database, const Clock& clock) : m_database(database), m_clock(clock) {}

  /// It happened now; id and time are ignored.
  void add(const Action& action);
  /// Newest first, at most `limit`.
  [[nodiscard]] std::vector<Action> list(std::string_view app, std::size_t limit) const;

private:
  Database& m_database;
  const Clock& m_clock;
};

} // namespace teal
