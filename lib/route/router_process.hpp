/// @file
/// RouterProcess: a router of ours in the background.
///
/// Invariant: only the process that start() started is ever signalled, however often its number was given away since.
#pragma once

#include "process/detached.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace teal::route {

class RouterProcess {
public:
  /// `program` is found by PATH in `environment`; its files lie in `folder`.
  RouterProcess(std::string program, std::filesystem::path folder, Environment environment);

  /// The one that start() started, if it still runs.
  [[nodiscard]] std::optional<ProcessId> find() const;
  /// Throws Error(environment), saying what to install, where the host has not the program.
  void require_program() const;
  /// Those that the one that start() started has left behind: they hold its ports. They are told by their session,
  /// whose number the kernel gives to nobody else as long as they live.
  void end_orphans() const;
  /// With `arguments` after the program's name; what it prints goes to its log.
  void start(std::vector<std::string> arguments);
  /// False if it does not run.
  bool signal(int number) const;
  /// `signal_number` asks it to end; then it is killed after `patience`. False if it did not run.
  bool stop(int signal_number, Milliseconds patience);
  /// Runs the program once, to its end: to test a configuration, to ask for a version.
  [[nodiscard]] Outcome ask(std::vector<std::string> arguments, std::string input = "") const;
  /// The same of a configuration, which `arguments` have it test. Throws Error(environment) with its own words if it
  /// refuses that.
  void require_valid(std::vector<std::string> arguments, std::string input = "") const;
  /// Throws Error(environment), saying that it did not take its configuration over, and the end of its log.
  [[noreturn]] void refuse_to_wait() const;
  [[nodiscard]] const std::string& program() const { return m_program; }

private:
  [[nodiscard]] std::filesystem::path pid_file() const { return m_folder / (m_program + ".pid.json"); }
  [[nodiscard]] std::filesystem::path log_file() const { return m_folder / (m_program + ".log"); }

  std::string m_program;
  std::filesystem::path m_folder;
  Environment m_environment;
};

} // namespace teal::route
