#include "host/kernel_log.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>

using namespace teal;

TEST_CASE("a group whose process the kernel killed for memory is found in its log") {
  // A name that no earlier run has left there, nor the beginning of one.
  const std::string group = fmt::format("{:064x}", std::chrono::system_clock::now().time_since_epoch().count());
  CHECK_FALSE(tells_of_memory_kill(group));
  std::ofstream log("/dev/kmsg");
  if (!log) {
    SKIP_TEST("only root can write to the kernel's log");
  }
  log << fmt::format("a line that only names {}\n", group) << std::flush;
  CHECK_FALSE(tells_of_memory_kill(group));
  log << fmt::format("oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/docker/{0},task_memcg=/docker/{0},pid=1\n", group)
      << std::flush;
  CHECK(tells_of_memory_kill(group));
  CHECK_FALSE(tells_of_memory_kill(group + "0"));
}
