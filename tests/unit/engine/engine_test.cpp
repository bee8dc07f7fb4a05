#include "engine/engine.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace teal;
using namespace teal::engine;

TEST_CASE("a missing engine is told with its socket and how to start it") {
  const TempFolder folder;
  const std::string socket = (folder.path() / "docker.sock").string();
  Engine engine("unix://" + socket);
  CHECK_THROWS_WITH(engine.version(), "no container engine answers at '" + socket +
                                          "'; start it: systemctl start docker (or run dockerd)");
}

TEST_CASE("a host that is no address is refused at once") {
  CHECK_THROWS_AS(Engine("ssh://somewhere"), Error);
}
