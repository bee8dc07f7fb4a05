#include "target/command/deploy_program.hpp"

#include "core/file_io.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "process/process_group.hpp"
#include "process/user.hpp"
#include "target/plan.hpp"
#include "target/program_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_shown = 80;
constexpr std::size_t k_quoted = 200;
constexpr Milliseconds k_sudo_deadline = std::chrono::seconds(5);
constexpr Milliseconds k_term_patience = std::chrono::seconds(1);
constexpr Milliseconds k_kill_patience = std::chrono::seconds(2);
constexpr const char* k_shell = "/bin/sh";

std::string boot_id() {
  return std::string(trim(read_file("/proc/sys/kernel/random/boot_id")));
}

std::string numbers(const std::vector<pid_t>& processes) {
  std::vector<std::string> texts;
  texts.reserve(processes.size());
  for (const pid_t process : processes) {
    texts.push_back(std::to_string(process));
  }
  return join(texts, " ");
}

/// A record is there as long as the program may run.
Descriptor open_record(const fs::path& file) {
  files::create_directories(file.parent_path());
  Descriptor record =
      open_file(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, fmt::format("write '{}'", file.string()));
  const std::string line = boot_id() + "\n";
  if (!write_all(record.number(), line.data(), line.size())) {
    throw Error(ErrorKind::environment, fmt::format("cannot write '{}': {}", file.string(), system_reason(errno)));
  }
  return record;
}

/// The group that the record tells of, if any of it is left.
std::optional<pid_t> group_in(const fs::path& record) {
  const std::string text = read_file(record);
  const auto line_end = text.find('\n');
  const bool is_of_this_boot = line_end != std::string::npos && text.substr(0, line_end) == boot_id();
  return is_of_this_boot ? find_group(std::string_view(text).substr(line_end + 1)) : std::nullopt;
}

} // namespace

DeployProgram::DeployProgram(const TargetSettings::Command& settings, Environment environment, fs::path record)
    : m_settings(settings), m_environment(std::move(environment)), m_record(std::move(record)) {}

std::string DeployProgram::shown() const {
  const bool by_shell = m_settings.run.size() == 3 && m_settings.run[0] == k_shell && m_settings.run[1] == "-c";
  return shorten(printable(by_shell ? m_settings.run[2] : join(m_settings.run, " ")), k_shown);
}

fs::path DeployProgram::directory_in(const fs::path& release) const {
  if (m_settings.directory.empty()) {
    return release;
  }
  const fs::path directory = m_settings.directory;
  return directory.is_absolute() ? directory : inside_work_tree(release, directory, "directory");
}

/// sudo is given the names of variables alone: their values come with the environment, which nobody else can read.
std::vector<std::string> DeployProgram::arguments_with(const Environment& variables) const {
  if (m_settings.user.empty()) {
    return m_settings.run;
  }
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) {
    names.push_back(name);
  }
  std::vector<std::string> arguments{"sudo", "-n", "--preserve-env=" + join(names, ","), "-u", m_settings.user, "--"};
  arguments.insert(arguments.end(), m_settings.run.begin(), m_settings.run.end());
  return arguments;
}

void DeployProgram::run(const Order& order) const {
  end_remains(order.steps);
  Environment variables = order.variables;
  variables.insert(m_settings.env.begin(), m_settings.env.end());
  Environment environment = variables;
  environment.insert(m_environment.begin(), m_environment.end());
  const Descriptor record = open_record(m_record);
  ProgramOutput output(order.steps);
  Command command{.arguments = arguments_with(variables),
                  .directory = directory_in(order.release),
                  .environment = std::move(environment),
                  .deadline = m_settings.deadline,
                  .on_output = [&](std::string_view text) { output.add(text); },
                  .interrupt = order.interrupt,
                  .leave_background = true,
                  .identity_file = record.number()};
  if (!m_settings.user.empty()) {
    command.end_others = [this](int group, int signal) { end_others(group, signal); };
  }
  const Outcome outcome = teal::run(command);
  if (!outcome.left_behind) {
    files::remove(m_record);
  }
  if (!outcome.succeeded()) {
    const std::string runs_on =
        outcome.left_behind ? fmt::format(", and runs on: sudo does not let us end it as '{}'", m_settings.user) : "";
    const std::string said = shorten(printable(last_lines(trim(outcome.tail), 1)), k_quoted);
    throw Error(outcome.timed_out ? ErrorKind::timeout : ErrorKind::environment,
                fmt::format("'{}' {}{}{}{}", shown(), outcome.how_it_ended(m_settings.deadline), runs_on,
                            said.empty() ? "" : ": ", said));
  }
}

/// What we may not end ourselves, its own user may.
void DeployProgram::end_others(int group, int signal) const {
  std::vector<pid_t> others;
  for (const pid_t process : processes_of_group(group)) {
    if (::kill(process, signal) != 0 && errno == EPERM) {
      others.push_back(process);
    }
  }
  if (!others.empty() && !m_settings.user.empty()) {
    const std::string kill = fmt::format("kill -{} {}", signal, numbers(others));
    static_cast<void>(ask_sudo({"-u", m_settings.user, "--", k_shell, "-c", kill}, "/"));
  }
}

void DeployProgram::end_remains(Steps& steps) const {
  if (!files::exists(m_record)) {
    return;
  }
  if (const auto group = group_in(m_record)) {
    steps.line(fmt::format("'{}' still ran, for its runner was killed; it is ended", shown()));
    end_others(*group, SIGTERM);
    if (!await_end_of(processes_of_group(*group), k_term_patience)) {
      end_others(*group, SIGKILL);
      static_cast<void>(await_end_of(processes_of_group(*group), k_kill_patience));
    }
    if (const auto left = processes_of_group(*group); !left.empty()) {
      throw Error(
          ErrorKind::environment,
          fmt::format("what a killed runner had started still runs, and we may not end it: end {}", numbers(left)));
    }
  }
  files::remove(m_record);
}

std::vector<Error> DeployProgram::obstacles() const {
  std::vector<Error> found;
  const fs::path directory = m_settings.directory;
  if (directory.is_absolute() && !files::is_folder(directory)) {
    found.emplace_back(ErrorKind::settings, fmt::format("'{}' is no folder (directory)", directory.string()));
  }
  const std::string& program = m_settings.user.empty() ? m_settings.run.front() : std::string("sudo");
  if (program.find('/') == std::string::npos) {
    if (!find_program(program, m_environment)) {
      found.emplace_back(ErrorKind::environment, fmt::format("there is no program '{}' in PATH", program));
    }
  } else if (program.starts_with('/') && ::access(program.c_str(), X_OK) != 0) {
    found.emplace_back(ErrorKind::environment, fmt::format("cannot run '{}': {}", program, system_reason(errno)));
  }
  if (!m_settings.user.empty() && !find_user(m_settings.user)) {
    found.emplace_back(ErrorKind::settings, fmt::format("there is no user '{}' on this host", m_settings.user));
  }
  return found;
}

Outcome DeployProgram::ask_sudo(std::vector<std::string> arguments, const fs::path& directory) const {
  arguments.insert(arguments.begin(), {"sudo", "-n"});
  return teal::run({.arguments = std::move(arguments),
                    .directory = directory,
                    .environment = m_environment,
                    .deadline = k_sudo_deadline});
}

std::string DeployProgram::check_sudo(const std::optional<fs::path>& release) const {
  const std::string& user = m_settings.user;
  const fs::path directory = release ? directory_in(*release) : fs::path("/");
  const auto allows = [&](const std::vector<std::string>& program) {
    std::vector<std::string> arguments{"-l", "-u", user, "--"};
    arguments.insert(arguments.end(), program.begin(), program.end());
    return ask_sudo(std::move(arguments), directory).succeeded();
  };
  const std::string& program = m_settings.run.front();
  if (allows({k_shell})) {
    const Outcome proof = ask_sudo({"-u", user, "--", k_shell, "-c", ":"}, directory);
    if (proof.succeeded()) {
      return fmt::format("'{}' runs as '{}', without a password", shown(), user);
    }
  } else if (program.find('/') != std::string::npos && !program.starts_with('/') && !release) {
    return fmt::format("'{}' is in the commit: whether it may run as '{}' is told once one is deployed", shown(), user);
  } else if (allows(m_settings.run)) {
    return fmt::format("'{}' runs as '{}'; past its deadline it could not be ended: that needs {} as well", shown(),
                       user, k_shell);
  }
  throw Error(ErrorKind::environment,
              fmt::format("sudo does not let '{0}' run '{1}' as '{2}' without a password; a line for /etc/sudoers.d: "
                          "{0} ALL=({2}) NOPASSWD: ALL",
                          user_name(), shown(), user));
}

} // namespace teal
