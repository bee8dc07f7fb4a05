/// @file
/// PolledRefs: what the refs of the sources that are polled were when they were looked at last.
#pragma once

#include "store/database.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct PolledRef {
  std::string ref;    ///< full name
  std::string commit; ///< 40 hex digits
  TimePoint since;    ///< it was first seen to be that
  TimePoint asked;    ///< its deployment was last asked for; the epoch: never
  bool operator==(const PolledRef&) const = default;
};

class PolledRefs {
public:
  explicit PolledRefs(Database& database) : m_database(database) {}

  /// By name.
  [[nodiscard]] std::vector<PolledRef> list(std::string_view app, std::string_view source) const;
  /// In place of all that the source had, in one transaction.
  void replace(std::string_view app, std::string_view source, const std::vector<PolledRef>& refs);

private:
  Database& m_database;
};

} // namespace teal
