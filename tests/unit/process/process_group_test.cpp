#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "process/process_group.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

namespace {

/// What a shell that runs `script` was by its /proc/self/stat; what it leaves in the background goes on.
std::string stat_of(const std::string& script) {
  const TempFolder folder;
  const auto file = folder.path() / "identity";
  const Descriptor identity(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(run({.arguments = {"sh", "-c", script},
               .environment = clean_environment(),
               .leave_background = true,
               .identity_file = identity.number()})
              .succeeded());
  return read_file(file);
}

} // namespace

TEST_CASE("what a command left in the background is found by who it was, and its end can be awaited") {
  const std::string stat = stat_of("sleep 600 > /dev/null 2>&1 & sleep 600 > /dev/null 2>&1 &");
  const auto group = find_group(stat);
  REQUIRE(group);
  const auto found = processes_of_group(*group);
  CHECK(found.size() == 2);
  CHECK_FALSE(await_end_of(found, 0ms));
  REQUIRE(::kill(-*group, SIGKILL) == 0);
  CHECK(await_end_of(found, 10s));
  wait_until([&] { return processes_of_group(*group).empty(); }, 10s, "the end of both");
  CHECK_FALSE(find_group(stat));
}

TEST_CASE("what a process of the group has started in a session of its own is of it, too") {
  const TempFolder folder;
  const auto told = folder.path() / "pid";
  std::jthread command([&] {
    static_cast<void>(
        run({.arguments = {"sh", "-c",
                           "echo $$ > " + told.string() + ".group; setsid sh -c 'echo $$ > " + told.string() +
                               ".new; mv " + told.string() + ".new " + told.string() + "; exec sleep 600' & wait"},
             .environment = clean_environment()}));
  });
  wait_until([&] { return std::filesystem::exists(told); }, 10s, "the session");
  const pid_t apart = std::stoi(read_file(told));
  const pid_t group = std::stoi(read_file(told.string() + ".group"));
  const auto found = processes_of_group(group);
  CHECK(std::find(found.begin(), found.end(), apart) != found.end());
  ::kill(apart, SIGKILL);
}

TEST_CASE("a number that is another process's by now leads nowhere") {
  const auto self = identify(::getpid()).value();
  std::string stat = read_file("/proc/self/stat");
  CHECK(find_group(stat).has_value() == (::getpgrp() == ::getpid() || !processes_of_group(::getpid()).empty()));
  const std::string start = " " + std::to_string(self.start_ticks) + " ";
  stat.replace(stat.find(start), start.size(), " 1 ");
  CHECK_FALSE(find_group(stat));
  CHECK_FALSE(find_group(""));
  CHECK_FALSE(find_group("12 (sh) S 1"));
}
