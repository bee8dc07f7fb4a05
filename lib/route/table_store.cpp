#include "route/table_store.hpp"

#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "route/table_json.hpp"

namespace teal::route {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds k_patience_for_others(15);
constexpr mode_t k_own = 0600;
constexpr Sync k_sync = Sync::content; ///< a host that lost its power has neither router nor containers: recover says

} // namespace

FileLock TableStore::lock() const {
  files::create_directories(m_folder);
  files::set_permissions(m_folder, fs::perms::owner_all);
  if (auto held = FileLock::acquire_any({m_folder / "router.lock"}, k_patience_for_others)) {
    return std::move(*held);
  }
  throw Error(ErrorKind::busy, "another process has been changing the router's table for long");
}

std::string TableStore::text() const {
  return files::exists(file()) ? read_file(file()) : to_json({});
}

RoutingTable TableStore::read() const {
  return with_changes(parse_table(text(), file().string()), {});
}

RoutingTable TableStore::read_of(const Changes& asked) const {
  return parse_table_of(text(), file().string(), asked);
}

std::vector<Route> TableStore::routes(std::string_view app) const {
  return read_of({{std::string(app), {}}}).routes;
}

void TableStore::write(const RoutingTable& table) const {
  write_file(file(), to_json(table), k_own, k_sync);
}

void TableStore::write_changes(const Changes& changes) const {
  write_file(file(), with_changes(text(), file().string(), changes), k_own, k_sync);
}

} // namespace teal::route
