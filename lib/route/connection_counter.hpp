/// @file
/// ConnectionCounter: requests under way, for a router that does not tell: it keeps no connection open for later, so
/// that each connection to a container is a request.
#pragma once

#include "route/router.hpp"
#include "route/table_store.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace teal::route {

class ConnectionCounter {
public:
  explicit ConnectionCounter(std::filesystem::path folder) : m_leaving(std::move(folder), "leaving.json") {}

  /// Servers that these changes of the apps' routes send away are counted on, until the next.
  void note_changes(const Changes& changes, const RoutingTable& before) const;
  /// A container behind two of the app's `present` routes has its connections counted once.
  [[nodiscard]] std::vector<Traffic> count(std::string_view app, const std::vector<Route>& present) const;
  /// Those of one container.
  [[nodiscard]] std::uint64_t count_one(std::string_view app, std::string_view container,
                                        const std::vector<Route>& present) const;

private:
  TableStore m_leaving;
};

} // namespace teal::route
