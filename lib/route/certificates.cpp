#include "route/certificates.hpp"

#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

bool has_file(const Route& route) {
  return route.tls && !route.tls->automatic;
}

} // namespace

std::vector<fs::path> Certificates::files_of(const std::vector<Route>& routes) const {
  std::set<fs::path> files;
  for (const Route& route : routes) {
    if (has_file(route)) {
      files.insert(file_of(*route.tls));
    }
  }
  return {files.begin(), files.end()};
}

void Certificates::keep(const RoutingTable& table) const {
  for (const Route& route : table.routes) {
    if (has_file(route) && !files::exists(file_of(*route.tls))) {
      files::create_directories(m_folder);
      write_file(file_of(*route.tls), read_file(route.tls->certificate) + "\n" + read_file(route.tls->key), 0600);
    }
  }
}

void Certificates::forget_but(const RoutingTable& table) const {
  const auto named = files_of(table.routes);
  for (const std::string& name : files::names_in(m_folder)) {
    if (std::find(named.begin(), named.end(), m_folder / name) == named.end()) {
      files::remove(m_folder / name);
    }
  }
}

} // namespace teal::route
