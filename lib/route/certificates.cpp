#include "route/certificates.hpp"

#include "process/atomic_file.hpp"

#include <algorithm>
#include <set>

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
    if (has_file(route) && !fs::exists(file_of(*route.tls))) {
      fs::create_directories(m_folder);
      write_file(file_of(*route.tls), read_file(route.tls->certificate) + "\n" + read_file(route.tls->key), 0600);
    }
  }
}

void Certificates::forget_but(const RoutingTable& table) const {
  const auto named = files_of(table.routes);
  std::error_code none_kept;
  for (const auto& entry : fs::directory_iterator(m_folder, none_kept)) {
    if (std::find(named.begin(), named.end(), entry.path()) == named.end()) {
      std::error_code gone;
      fs::remove(entry.path(), gone);
    }
  }
}

} // namespace teal::route
