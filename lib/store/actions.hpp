/// @file
/// Actions: who did what, or was refused what, through which door and from where.
///
/// Invariant: what was written stays, also when its app is removed.
#pragma once

#include "model/action.hpp"
#include "store/database.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace teal {

class Actions {
public:
  Actions(Database& database, const Clock& clock) : m_database(database), m_clock(clock) {}

  /// It happened now; id and time are ignored.
  void add(const Action& action);
  /// For an app's history: what was done to it beside deploying. Newest first, at most `limit`.
  [[nodiscard]] std::vector<Action> list(std::string_view app, std::size_t limit) const;
  /// All that was done and refused, of an app (and of patterns that it matches), or of everything. Newest first, at
  /// most `limit`.
  [[nodiscard]] std::vector<Action> audit(const std::optional<std::string>& app, std::size_t limit) const;

private:
  Database& m_database;
  const Clock& m_clock;
};

} // namespace teal
