#include "process/launch.hpp"

#include <fmt/format.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <csignal>

namespace teal {

namespace {

std::filesystem::path program_of(const Command& command) {
  if (command.arguments.empty() || command.arguments.front().empty()) {
    throw Error(ErrorKind::internal, "cannot start a command without a name");
  }
  const std::string& name = command.arguments.front();
  if (name.find('/') != std::string::npos) {
    return name;
  }
  if (const auto found = find_program(name, command.environment)) {
    return *found;
  }
  throw Error(ErrorKind::environment, fmt::format("cannot start '{}': there is no such program in PATH", name));
}

std::vector<std::string> variables_of(const Environment& environment) {
  std::vector<std::string> variables;
  variables.reserve(environment.size());
  for (const auto& [name, value] : environment) {
    variables.push_back(fmt::format("{}={}", name, value));
  }
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

void reset_signals() noexcept {
  for (int signal = 1; signal < NSIG; ++signal) {
    std::signal(signal, SIG_DFL); // refused for KILL, STOP and those libc keeps, which is as well
  }
  sigset_t none{};
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace

Launch::Launch(const Command& command)
    : m_program(program_of(command)), m_directory(command.directory), m_arguments(command.arguments),
      m_variables(variables_of(command.environment)), m_argument_pointers(pointers_to(m_arguments)),
      m_variable_pointers(pointers_to(m_variables)) {}

bool Launch::prepare_child(int input, int output, int errors) const noexcept {
  reset_signals();
  return ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(errors, STDERR_FILENO) >= 0 &&
         (directory() == nullptr || ::chdir(directory()) == 0) &&
         ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

Error Launch::failure(int error_number) const {
  const std::string where = m_directory.empty() ? "" : fmt::format(" in '{}'", m_directory.string());
  return {ErrorKind::environment,
          fmt::format("cannot start '{}'{}: {}", m_arguments.front(), where, system_reason(error_number))};
}

} // namespace teal
