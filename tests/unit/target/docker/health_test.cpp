#include "support/catch.hpp"
#include "target/docker/health.hpp"

using namespace teal;

TEST_CASE("how a program ended is told by what the engine knows best") {
  engine::Container container;
  container.exit_code = 137;
  CHECK(describe_exit(container) == "exited with 137: somebody killed it, or the kernel for memory (run.memory)");
  container.error = "no such file";
  CHECK(describe_exit(container) == "did not start: no such file");
  container.out_of_memory = true;
  CHECK_THAT(describe_exit(container), ContainsSubstring("was killed: out of memory"));
}
