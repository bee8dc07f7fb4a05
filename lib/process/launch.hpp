/// @file
/// Launch: what subprocess and detached share on the way to a running program. Private to this folder.
#pragma once

#include "core/error.hpp"
#include "process/subprocess.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace teal {

/// The number of a new process that runs `side`, which does not return and has our memory until its exec or its exit;
/// negative with errno set if there can be none.
///
/// fork(2) copies the tables of our memory, and each page that we write to next: 3 to 50 ms on a virtual machine, for 4
/// to 12 MB. No handler of ours may run in the child, so signals are blocked there until prepare_child(); but for
/// SIGCHLD, which has none, and which blocked would wake other threads: a wait with a deadline of theirs ends with
/// EINTR.
template <class ChildSide>
pid_t start_process(const ChildSide& side) noexcept {
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  sigdelset(&all, SIGCHLD);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork): all that the child does is known
  if (child == 0) {
    side();
  }
  const int fault = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = fault;
  return child;
}

/// A Command as execve(2) takes it, all made before its process is: there, nothing may be allocated.
class Launch {
public:
  /// Throws Error(environment) if the program cannot be found.
  explicit Launch(const Command& command);
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;
  ~Launch() = default;

  [[nodiscard]] const char* program() const { return m_program.c_str(); }
  /// nullptr where the child stays in the current directory.
  [[nodiscard]] const char* directory() const { return m_directory.empty() ? nullptr : m_directory.c_str(); }
  [[nodiscard]] char* const* arguments() const { return m_argument_pointers.data(); }
  [[nodiscard]] char* const* environment() const { return m_variable_pointers.data(); }

  /// The child's side before exec: its streams, its directory, every signal as the system has it by default, none
  /// blocked, and no other descriptor beyond the exec. False with errno set if a step failed.
  [[nodiscard]] bool prepare_child(int input, int output, int errors) const noexcept;

  /// "cannot start 'git' in '/nowhere': no such file or directory".
  [[nodiscard]] Error failure(int error_number) const;

private:
  std::filesystem::path m_program;
  std::filesystem::path m_directory;
  std::vector<std::string> m_arguments;
  std::vector<std::string> m_variables;
  std::vector<char*> m_argument_pointers;
  std::vector<char*> m_variable_pointers;
};

} // namespace teal
