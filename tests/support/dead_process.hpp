/// @file
/// dead_process(): the id of a process that has ended.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace teal {

inline pid_t dead_process() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  return child;
}

} // namespace teal
