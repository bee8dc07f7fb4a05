/// @file
/// Launch: what subprocess and detached share on the way to a running program. Private to this folder.
#pragma once

#include "core/error.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace teal {

/// A Command as execve(2) takes it, all made before the fork: after it, a process with threads must not allocate.
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
