/// @file
/// HaproxySocket: HAProxy's runtime socket, lines of commands and what it answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace teal::route {

/// A row of a table that HAProxy answers. Rows of one table share its columns' names.
class HaproxyRow {
public:
  using Names = std::shared_ptr<const std::vector<std::string>>;
  HaproxyRow(Names names, std::vector<std::string> values) : m_names(std::move(names)), m_values(std::move(values)) {}

  /// Empty where the table has no such column.
  [[nodiscard]] std::string text(std::string_view name) const;
  /// 0 where there is none.
  [[nodiscard]] std::int64_t number(std::string_view name) const;

private:
  Names m_names;
  std::vector<std::string> m_values;
};

class HaproxySocket {
public:
  explicit HaproxySocket(std::filesystem::path path) : m_path(std::move(path)) {}

  /// What it answers to `commands`, separated by ';'. Throws Error(environment) if it does not.
  [[nodiscard]] std::string ask(const std::string& commands) const;
  /// Throws Error(environment) with HAProxy's words if it refuses any of them.
  void order(const std::vector<std::string>& commands) const;
  /// All rows of the tables that `questions` are answered with, which may be many. One about what HAProxy does not know
  /// has none.
  [[nodiscard]] std::vector<HaproxyRow> rows(const std::vector<std::string>& questions, char separator) const;

private:
  [[nodiscard]] std::string ask_all(const std::vector<std::string>& commands) const;

  std::filesystem::path m_path;
};

} // namespace teal::route
