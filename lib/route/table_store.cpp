#include "route/table_store.hpp"

#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "route/table_json.hpp"

namespace teal::route {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds k_patience_for_others(15);

} // namespace

FileLock TableStore::lock() const {
  fs::create_directories(m_folder);
  fs::permissions(m_folder, fs::perms::owner_all);
  if (auto held = FileLock::acquire_any({m_folder / "router.lock"}, k_patience_for_others)) {
    return std::move(*held);
  }
  throw Error(ErrorKind::busy, "another process has been changing the router's table for long");
}

RoutingTable TableStore::read() const {
  return fs::exists(file()) ? parse_table(read_file(file()), file().string()) : RoutingTable();
}

void TableStore::write(const RoutingTable& table) const {
  write_file(file(), to_json(table), 0600);
}

} // namespace teal::route
