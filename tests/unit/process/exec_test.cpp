#include "core/error.hpp"
#include "process/exec.hpp"
#include "support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace teal;

TEST_CASE("a process becomes another program with that program's exit code, environment and default signals") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
      become_program({.arguments = {"/bin/sh", "-c",
                                    "test \"$ONLY\" = this && test -z \"$HOME\" && test \"$PWD\" = / && "
                                    "grep -q 'SigIgn:[[:space:]]*0*$' /proc/self/status && exit 7"},
                      .directory = "/",
                      .environment = {{"ONLY", "this"}, {"PATH", "/usr/bin:/bin"}}});
    } catch (...) {
      ::_exit(99);
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("a program that is not there cannot be become") {
  CHECK_THROWS_AS(become_program({.arguments = {"/no/such/program"}, .environment = {}}), Error);
}
