#include "engine/engine.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"
#include "support/temp_folder.hpp"

#include <thread>

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

TEST_CASE("an engine that takes the call and never answers is waited for as long as was set") {
  const Listener silent;
  Engine engine("tcp://127.0.0.1:" + std::to_string(silent.port()), Milliseconds(50));
  CHECK_THROWS_WITH(engine.call("GET", "/info"), ContainsSubstring("within 50ms"));
}

TEST_CASE("time that several wait for the engine at once passes once") {
  EngineClock clock;
  const Stopwatch stopwatch;
  {
    const EngineTime one(clock);
    const EngineTime other(clock);
    std::this_thread::sleep_for(Milliseconds(5));
  }
  const Milliseconds spent = clock.spent();
  CHECK(spent >= Milliseconds(5));
  CHECK(spent <= stopwatch.elapsed());
}
