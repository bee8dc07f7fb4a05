/// @file
/// TableGenerations: the table of each configuration that was written for a router that tells only its number.
#pragma once

#include "route/table_store.hpp"

#include <cstdint>
#include <filesystem>
#include <set>
#include <string_view>
#include <vector>

namespace teal::route {

class TableGenerations {
public:
  explicit TableGenerations(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  /// As TableStore::lock().
  [[nodiscard]] FileLock lock() const { return TableStore(m_folder).lock(); }
  /// The last that was written; 0 where none was.
  [[nodiscard]] std::uint64_t newest() const;
  /// Empty where it was not written. Throws Error(environment), naming the file, if it cannot be read.
  [[nodiscard]] RoutingTable read(std::uint64_t generation) const { return store_of(generation).read(); }
  [[nodiscard]] std::vector<Route> routes(std::uint64_t generation, std::string_view app) const {
    return store_of(generation).routes(app);
  }
  void write(std::uint64_t generation, const RoutingTable& table) const { store_of(generation).write(table); }
  void forget_but(const std::set<std::uint64_t>& generations) const;

private:
  [[nodiscard]] TableStore store_of(std::uint64_t generation) const;

  std::filesystem::path m_folder;
};

} // namespace teal::route
