/// @file
/// Subprocess: run a program to its end, with an argument vector, an explicit environment and a deadline.
///
/// Invariant: when run() returns or throws, nothing it started is left, unless it was asked to leave that: on expiry
/// the whole process group is ended.
#pragma once

#include "core/clock.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

using Environment = std::map<std::string, std::string>;

/// This process's environment as it is, for a program that git itself would have started.
[[nodiscard]] Environment inherited_environment();
/// This process's environment without anything of git's (GIT_*): what a hook inherits about its own repository must not
/// reach a command that works on another one. Read once, in main, and passed down.
[[nodiscard]] Environment clean_environment();

struct Command {
  std::vector<std::string> arguments; ///< [0] is the program: a path, or a name that find_program() looks up
  std::filesystem::path directory;    ///< empty: the current one
  Environment environment;
  std::string input; ///< given on standard input, then closed
  Milliseconds deadline = std::chrono::minutes(1);
  /// Told all that is printed on either stream as it comes; may be empty.
  std::function<void(std::string_view)> on_output;
  /// Ends it, as its deadline would, once that is asked for; may be of nobody.
  std::stop_token interrupt = {};
  /// What the program itself left running when it ended goes on, as a shell would have it.
  bool leave_background = false;
  /// An open file that the child writes its /proc/self/stat to before it becomes the program: whoever follows a killed
  /// caller knows by that whom to look for. -1: none.
  int identity_file = -1;
  /// Told each signal that is to end the process group, beside kill(2): for what runs as another user. May be empty. A
  /// program that lives on all the same is left behind.
  std::function<void(int group, int signal)> end_others = {};
};

struct Outcome {
  int exit_code = 0;         ///< meaningful unless a signal or the deadline ended it
  std::optional<int> signal; ///< the signal that ended it
  bool timed_out = false;    ///< it passed its deadline, and its process group was ended by us
  bool interrupted = false;  ///< it was to end before (Command::interrupt), and its process group was ended by us
  bool left_behind = false;  ///< and could not be (Command::end_others)
  std::string output;        ///< standard output, whole up to 1 MiB
  std::string tail;          ///< the last lines of both streams as they came, at most 8 KiB

  [[nodiscard]] bool succeeded() const { return exit_code == 0 && !signal && !timed_out && !interrupted; }
  /// "exited with 3", "was killed by signal 9 (Killed)", "did not end within 90s", "was cancelled".
  [[nodiscard]] std::string how_it_ended(Milliseconds deadline) const;
};

/// Throws Error(environment) if the program cannot be found or started; whatever way it ends is an Outcome.
[[nodiscard]] Outcome run(const Command& command);

/// As run(), but an unsuccessful end is an Error(environment) with the command's name, how it ended and its last lines.
Outcome run_or_throw(const Command& command);

/// The program's absolute path as PATH in `environment` finds it, or else the folders of servers (/usr/sbin), whatever
/// the PATH is; or nothing. All of them with find_programs.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name, const Environment& environment);
[[nodiscard]] std::vector<std::filesystem::path> find_programs(std::string_view name, const Environment& environment);

} // namespace teal
