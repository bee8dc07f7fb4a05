#include "support/catch.hpp"
#include "target/docker/revival.hpp"

using namespace teal;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint k_began{1'700'000'000'000ms};
const engine::EngineLife k_life{k_began, k_began + 10s};

engine::Container exited_at(TimePoint time) {
  engine::Container container;
  container.status = "exited";
  container.finished = time;
  return container;
}

} // namespace

TEST_CASE("what its engine ended as it began is to run, and what a person stopped before or since is not") {
  CHECK(ought_to_run(exited_at(k_began + 5s), k_life));
  CHECK_FALSE(ought_to_run(exited_at(k_began - 1s), k_life));
  CHECK_FALSE(ought_to_run(exited_at(k_began + 11s), k_life));
  CHECK_FALSE(ought_to_run(exited_at(k_began + 5s), std::nullopt)); // an engine that does not tell
}

TEST_CASE("what the engine could not start is to run, whenever it ended") {
  engine::Container container = exited_at(k_began - 1h);
  container.error = "port is already allocated";
  CHECK(ought_to_run(container, k_life));
  CHECK(ought_to_run(container, std::nullopt));
}

TEST_CASE("what the engine starts again itself is left to it") {
  engine::Container container = exited_at(k_began + 5s);
  container.status = "restarting";
  CHECK_FALSE(ought_to_run(container, k_life));
}
