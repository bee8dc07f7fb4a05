/// @file
/// Certificates: copies of those that a table names, each under its digest. A file that is renewed, broken or removed
/// where it came from changes nothing of what a router has.
#pragma once

#include "route/table.hpp"

#include <filesystem>
#include <vector>

namespace teal::route {

class Certificates {
public:
  /// Below `folder`, which is the router's.
  explicit Certificates(const std::filesystem::path& folder) : m_folder(folder / "certificates") {}

  /// Certificates and key in one PEM file; not of an automatic one, which has none.
  [[nodiscard]] std::filesystem::path file_of(const Tls& tls) const { return m_folder / (tls.digest + ".pem"); }
  /// Of all routes that have one, the same once, in order of their digests.
  [[nodiscard]] std::vector<std::filesystem::path> files_of(const std::vector<Route>& routes) const;
  /// Copies what is not there yet. Throws Error(environment) if a file cannot be read.
  void keep(const RoutingTable& table) const;
  /// All that the table does not name: copies of keys stay no longer than they are used.
  void forget_but(const RoutingTable& table) const;

private:
  std::filesystem::path m_folder;
};

} // namespace teal::route
