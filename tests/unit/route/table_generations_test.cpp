#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "route/table_generations.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace teal;
using namespace teal::route;

namespace {

RoutingTable table_of(const std::string& app) {
  Route route;
  route.app = app;
  route.door = "live";
  return with_routes({}, app, {route});
}

} // namespace

TEST_CASE("each generation's table is kept until it is forgotten, and the last written is the newest") {
  const TempFolder folder;
  const TableGenerations tables(folder.path());
  CHECK(tables.newest() == 0);
  CHECK(tables.read(7).routes.empty());
  tables.write(9, table_of("shop"));
  tables.write(10, table_of("blog"));
  CHECK(tables.newest() == 10);
  CHECK(tables.read(9) == table_of("shop"));
  CHECK(tables.read(10) == table_of("blog"));
  tables.forget_but({10});
  CHECK(tables.read(9).routes.empty());
  CHECK(tables.read(10) == table_of("blog"));
}

TEST_CASE("what is no generation's table does not count") {
  const TempFolder folder;
  const TableGenerations tables(folder.path());
  write_file(folder.path() / "routes-x.json", "{}");
  write_file(folder.path() / "leaving.json", "{}");
  CHECK(tables.newest() == 0);
}

TEST_CASE("a generation's table that was changed by hand into something else is refused by its name") {
  const TempFolder folder;
  const TableGenerations tables(folder.path());
  write_file(folder.path() / "routes-3.json", "nonsense");
  CHECK(tables.newest() == 3);
  CHECK_THROWS_WITH(tables.read(3), ContainsSubstring("routes-3.json"));
}
