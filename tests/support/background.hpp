/// @file
/// Background: a command that runs beside the test, in a session of its own, and that the test may signal. And the
/// finding of processes that nobody waits for.
#pragma once

#include "process/detached.hpp"
#include "support/temp_folder.hpp"

#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace teal {

class Background {
public:
  explicit Background(Command command);
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  /// Kills it if it still runs.
  ~Background();

  /// What it has printed so far.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_running() const { return is_alive(m_process); }
  /// Waits for its end. Returns what it printed, and "exit: N" on a last line.
  std::string finish() const;
  /// To it and to all it started, as a terminal does with Ctrl-C.
  void signal(int number) const;

private:
  TempFolder m_folder;
  ProcessId m_process;
};

/// A process whose command line has all of `words` as arguments.
[[nodiscard]] std::optional<ProcessId> find_process(const std::vector<std::string>& words);

} // namespace teal
