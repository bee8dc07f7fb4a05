#include "engine/engine_life.hpp"
#include "support/catch.hpp"
#include "unit/engine/scripted_api.hpp"

using namespace teal;
using namespace teal::engine;

TEST_CASE("an engine ended what ended from its beginning until it was ready") {
  const TimePoint began{Milliseconds(1'000)};
  const EngineLife life{.began = began, .ready = began + Milliseconds(500)};
  CHECK_FALSE(life.ended(began - Milliseconds(1)));
  CHECK(life.ended(began));
  CHECK(life.ended(life.ready));
  CHECK_FALSE(life.ended(life.ready + Milliseconds(1)));
}

TEST_CASE("of an engine on another host nothing is told and nothing is asked") {
  const ScriptedApi elsewhere([](const auto& /*line*/, const auto& /*body*/) { return ScriptedAnswer(); });
  Engine engine(elsewhere.host());
  CHECK_FALSE(find_life(engine));
  CHECK(elsewhere.asked().empty());
}
