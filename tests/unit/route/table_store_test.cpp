#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "route/table_store.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>

using namespace teal;
using namespace teal::route;

namespace {

namespace fs = std::filesystem;

Route route_of(const std::string& app, std::uint16_t port, const std::string& container) {
  return {
      .app = app, .door = "live", .bind = "127.0.0.1", .port = port, .servers = {{container, "10.213.0.2", 8080, 100}}};
}

} // namespace

TEST_CASE("what was written is read again, by name, and nothing was where nothing was written") {
  const TempFolder folder;
  const TableStore store(folder.path());
  CHECK(store.read().routes.empty());
  CHECK(store.routes("shop").empty());
  store.write({{route_of("shop", 50102, "s"), route_of("blog", 50202, "b")}});
  CHECK(store.read().routes == std::vector{route_of("blog", 50202, "b"), route_of("shop", 50102, "s")});
  CHECK(store.routes("shop") == std::vector{route_of("shop", 50102, "s")});
  CHECK(store.read_of({{"blog", {}}, {"none", {}}}).routes == std::vector{route_of("blog", 50202, "b")});
  CHECK((fs::status(folder.path() / "routes.json").permissions() & fs::perms(0777)) == fs::perms(0600));
}

TEST_CASE("a change of some apps leaves the others as they are") {
  const TempFolder folder;
  const TableStore store(folder.path());
  store.write_changes({{"shop", {route_of("shop", 50102, "s")}}, {"blog", {route_of("blog", 50202, "b")}}});
  store.write_changes({{"blog", {}}, {"wiki", {route_of("wiki", 50302, "w")}}});
  CHECK(store.read().routes == std::vector{route_of("shop", 50102, "s"), route_of("wiki", 50302, "w")});
}

TEST_CASE("tables of other names beside it are others") {
  const TempFolder folder;
  TableStore(folder.path()).write({{route_of("shop", 50102, "s")}});
  CHECK(TableStore(folder.path(), "leaving.json").read().routes.empty());
}

TEST_CASE("a table that cannot be read is told by its file and is not taken for an empty one") {
  const TempFolder folder;
  const TableStore store(folder.path());
  write_file(folder.path() / "routes.json", "{\"routes\": [");
  CHECK_THROWS_WITH(store.read(), ContainsSubstring((folder.path() / "routes.json").string()));
  CHECK_THROWS_WITH(store.routes("shop"), ContainsSubstring((folder.path() / "routes.json").string()));
  CHECK_THROWS_AS(store.write_changes({{"shop", {}}}), Error);
}

TEST_CASE("the lock makes a folder that is its owner's alone and keeps others out") {
  const TempFolder folder;
  const TableStore store(folder.path() / "router");
  const FileLock held = store.lock();
  CHECK((fs::status(folder.path() / "router").permissions() & fs::perms(0777)) == fs::perms(0700));
  CHECK_FALSE(FileLock::try_acquire(folder.path() / "router" / "router.lock"));
}
