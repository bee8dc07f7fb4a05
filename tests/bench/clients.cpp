/// @file
/// Runs a command that moves traffic, and meanwhile asks a port in one of the ways that programs do:
///
///     clients PORT KIND COMMAND...
///
/// prints how many requests failed, and of how many: "failed 2 of 190", and to standard error the first failures'
/// words. KIND is fresh, kept, posting, answered-early, http10, pipelining or upgraded. It asks until the command has
/// ended, and a moment longer. The command's own output goes to standard error.
#include "support/load.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace teal;

namespace {

constexpr std::chrono::milliseconds k_moment(300);
constexpr std::size_t k_told = 3;

int run(char** command) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execvp(command[0], command);
    std::perror(command[0]);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

} // namespace

int main(int count, char** arguments) {
  const auto* const kind = count < 4 ? k_client_kinds.end()
                                     : std::find_if(k_client_kinds.begin(), k_client_kinds.end(),
                                                    [&](ClientKind one) { return to_string(one) == arguments[2]; });
  if (kind == k_client_kinds.end()) {
    std::fputs("usage: clients PORT KIND COMMAND...\n", stderr);
    return 2;
  }
  Load load(static_cast<std::uint16_t>(std::strtoul(arguments[1], nullptr, 10)), {*kind});
  std::this_thread::sleep_for(k_moment);
  const int status = run(arguments + 3);
  std::this_thread::sleep_for(k_moment);
  load.stop();
  const auto failures = load.failures();
  for (std::size_t i = 0; i < std::min(k_told, failures.size()); ++i) {
    std::fprintf(stderr, "%s\n", failures[i].c_str());
  }
  std::printf("failed %zu of %d\n", failures.size(), load.requests());
  return status == 0 ? 0 : 1;
}
