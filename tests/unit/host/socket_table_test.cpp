#include "host/socket_table.hpp"
#include "process/detached.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>

using namespace teal;

TEST_CASE("in a network namespace of its own, nothing has reached out before something did") {
  const TempFolder folder;
  const ProcessId process =
      start_detached({.arguments = {"unshare", "--net", "sleep", "60"}}, folder.path() / "unshared");
  wait_until([&] { return has_reached_out(process.pid) == false; }, std::chrono::seconds(10), "a namespace of its own");
  const std::string target = std::to_string(process.pid);
  const Outcome attempt =
      run({.arguments = {"nsenter", "--target", target, "--net", "bash", "-c", "echo > /dev/udp/192.0.2.1/9"}});
  CHECK_FALSE(attempt.succeeded());
  CHECK(has_reached_out(process.pid) == true);
  ::kill(process.pid, SIGKILL);
}

TEST_CASE("of a process that is not there, nobody can tell whether it reached out") {
  CHECK_FALSE(has_reached_out(-1));
}
