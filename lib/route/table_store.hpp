/// @file
/// TableStore: the routing table as it was written last, beside a router's own files, and the lock that all writers
/// hold.
#pragma once

#include "process/file_lock.hpp"
#include "route/table.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

class TableStore {
public:
  explicit TableStore(std::filesystem::path folder, std::string name = "routes.json")
      : m_folder(std::move(folder)), m_name(std::move(name)) {}

  /// Makes the folder where it is missing. Throws Error(busy) if another process changes the table for long.
  [[nodiscard]] FileLock lock() const;
  /// By name; empty if none was written yet. Throws Error(environment), naming the file, if it cannot be read.
  [[nodiscard]] RoutingTable read() const;
  /// Of the apps that `asked` names.
  [[nodiscard]] RoutingTable read_of(const Changes& asked) const;
  [[nodiscard]] std::vector<Route> routes(std::string_view app) const;
  void write(const RoutingTable& table) const;
  /// Leaves all other apps' as they are.
  void write_changes(const Changes& changes) const;

private:
  [[nodiscard]] std::filesystem::path file() const { return m_folder / m_name; }
  [[nodiscard]] std::string text() const;

  std::filesystem::path m_folder;
  std::string m_name;
};

} // namespace teal::route
