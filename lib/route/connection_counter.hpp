/// @file
/// ConnectionCounter: requests under way, for a router that does not tell: it keeps no connection open for later, so
/// that each connection to a container is a request.
#pragma once

#include "route/router.hpp"
#include "route/table_store.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace teal::route {

class ConnectionCounter {
public:
  explicit ConnectionCounter(std::filesystem::path folder) : m_leaving(std::move(folder), "leaving.json") {}

  /// Servers that this change of the app's routes sends away are counted on, until its next change.
  void note_change(std::string_view app, const RoutingTable& before, const RoutingTable& after) const;
  /// A container behind two routes has its connections counted once.
  [[nodiscard]] std::vector<Traffic> count(std::string_view app, const RoutingTable& now) const;

private:
  TableStore m_leaving;
};

} // namespace teal::route
