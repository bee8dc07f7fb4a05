/// @file
/// SourceChecks: up to where it is known that no delivery of a source was missed.
#pragma once

#include "store/database.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace teal {

class SourceChecks {
public:
  explicit SourceChecks(Database& database) : m_database(database) {}

  /// When the last check that came to its end began.
  [[nodiscard]] std::optional<TimePoint> checked(std::string_view app, std::string_view source) const;
  void set_checked(std::string_view app, std::string_view source, TimePoint at);
  /// The commit that `ref` was at when it was looked at; empty: it was not there. Nothing if that never was.
  [[nodiscard]] std::optional<std::string> commit(std::string_view app, std::string_view source,
                                                  std::string_view ref) const;
  void set_commit(std::string_view app, std::string_view source, std::string_view ref, std::string_view commit);
  /// Of a source that is no more.
  void forget(std::string_view app, std::string_view source);

private:
  Database& m_database;
};

} // namespace teal
