/// @file
/// TableStore: the routing table as it was written last, beside a router's own files, and the lock that all writers
/// hold.
#pragma once

#include "process/file_lock.hpp"
#include "route/table.hpp"

#include <filesystem>
#include <string>

namespace teal::route {

class TableStore {
public:
  explicit TableStore(std::filesystem::path folder, std::string name = "routes.json")
      : m_folder(std::move(folder)), m_name(std::move(name)) {}

  /// Makes the folder where it is missing. Throws Error(busy) if another process changes the table for long.
  [[nodiscard]] FileLock lock() const;
  /// Empty if none was written yet.
  [[nodiscard]] RoutingTable read() const;
  void write(const RoutingTable& table) const;

private:
  [[nodiscard]] std::filesystem::path file() const { return m_folder / m_name; }

  std::filesystem::path m_folder;
  std::string m_name;
};

} // namespace teal::route
