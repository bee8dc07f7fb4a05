#include "route/farewell.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"
#include "support/temp_folder.hpp"
#include "support/wire.hpp"

using namespace teal;
using namespace teal::route;

TEST_CASE("kept connections are asked to go as long as a farewell lasts") {
  const TempFolder folder;
  const auto file = farewell_file(folder.path(), 7);
  const Listener listener;
  Wire visitor(listener.port());
  visitor.connect();
  REQUIRE(visitor.is_connected());
  {
    const Farewell farewell(file, {listener.port()});
    CHECK(std::filesystem::exists(file));
  }
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("where nobody is connected nobody is asked to go") {
  const TempFolder folder;
  const auto file = farewell_file(folder.path(), 7);
  const Listener listener;
  const Farewell farewell(file, {listener.port()});
  CHECK_FALSE(std::filesystem::exists(file));
}
