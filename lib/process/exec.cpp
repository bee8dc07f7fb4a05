#include "process/exec.hpp"

#include "process/launch.hpp"

#include <unistd.h>

#include <cerrno>

namespace teal {

void become_program(const Command& command) {
  const Launch launch(command);
  if (launch.prepare_child(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO)) {
    ::execve(launch.program(), launch.arguments(), launch.environment());
  }
  throw launch.failure(errno);
}

} // namespace teal
