/// @file
/// HaproxySocket: HAProxy's runtime socket, a line of commands and what it answers.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace teal::route {

class HaproxySocket {
public:
  explicit HaproxySocket(std::filesystem::path path) : m_path(std::move(path)) {}

  /// What it answers to `commands`, separated by ';'. Throws Error(environment) if it does not.
  [[nodiscard]] std::string ask(const std::string& commands) const;
  /// Throws Error(environment) with HAProxy's words if it refuses any of them.
  void order(const std::vector<std::string>& commands) const;
  /// A table that a command answers, by the names of its columns; only the rows that begin with one of `wanted`, where
  /// some are.
  [[nodiscard]] std::vector<std::map<std::string, std::string>> table(const std::string& command, char separator,
                                                                      const std::set<std::string>& wanted = {}) const;

private:
  std::filesystem::path m_path;
};

} // namespace teal::route
