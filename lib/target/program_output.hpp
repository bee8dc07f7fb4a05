/// @file
/// ProgramOutput: what a program prints, passed on line by line: however long its lines are, and as a terminal would
/// end up showing them where it returns to their start.
#pragma once

#include "target/rollout.hpp"

#include <string>
#include <string_view>

namespace teal {

class ProgramOutput {
public:
  static constexpr std::size_t k_longest_line = 4096; ///< bytes; the rest is left out

  /// `steps` must outlive it.
  explicit ProgramOutput(Steps& steps) : m_steps(steps) {}
  ProgramOutput(const ProgramOutput&) = delete;
  ProgramOutput& operator=(const ProgramOutput&) = delete;
  /// A line that has no end is passed on, too.
  ~ProgramOutput();

  void add(std::string_view text);

private:
  void add_to_line(std::string_view text);
  void end_line();
  void pass_on();

  Steps& m_steps;
  std::string m_lines; ///< that have ended, to be passed on at once
  std::string m_line;
  bool m_is_cut = false;
  bool m_returned = false; ///< to its start: what comes next takes its place
};

} // namespace teal
