/// @file
/// Signposts: where each app's doors lead, as links in a folder that a router looks at with every request. Traffic
/// moves when a link is replaced: no worker ends, and no connection is closed.
///
///     shop -> shop.7                     all of an app's doors change at once
///     shop.7/routes.json                 the app's routes
///     shop.7/to/live/10.0.3.2:8080       for a router that lists folders; none: no container serves
///     shop.7/live -> to/live/10.0.3.2:8080   for one that resolves links
#pragma once

#include "route/table.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

class Signposts {
public:
  explicit Signposts(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  /// All that `app` has; none: the app is gone. What a router is reading stays until the next time.
  void set(std::string_view app, const std::vector<Route>& routes) const;
  /// Of each app in `changes`; where one's cannot be set, those of all are as they were in the table `before`.
  void set_some(const Changes& changes, const RoutingTable& before) const;
  /// Of every app in the table, and of no other.
  void set_all(const RoutingTable& table) const;
  /// `table` with the servers that the signposts name.
  [[nodiscard]] RoutingTable followed(RoutingTable table) const;
  [[nodiscard]] std::vector<Route> routes(std::string_view app) const;

  /// The link of a door.
  [[nodiscard]] std::filesystem::path link(const Route& route) const { return m_folder / route.app / route.door; }
  /// The folder with at most one entry, whose name says where the door leads.
  [[nodiscard]] std::filesystem::path list(const Route& route) const {
    return m_folder / route.app / "to" / route.door;
  }

private:
  void put_up(std::string_view app, const std::vector<Route>& routes) const;
  [[nodiscard]] std::string current(std::string_view app) const;

  std::filesystem::path m_folder;
};

/// In a router's folder.
[[nodiscard]] inline Signposts signposts_in(const std::filesystem::path& folder) {
  return Signposts(folder / "signposts");
}

/// "10.0.3.2:8080"; "shop-live.0123456789abcdef@10.0.3.2:8080" where several share its requests: their group, and one
/// of them for a worker that is older than the group; empty where none takes any.
[[nodiscard]] std::string target_of(const Route& route);
/// "shop-live.0123456789abcdef": told from all others of the route; empty unless several servers share its requests.
[[nodiscard]] std::string group_of(const Route& route);

} // namespace teal::route
