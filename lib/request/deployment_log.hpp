/// @file
/// DeploymentLog: what a pusher sees, written to the deployment's log file while it runs, or right to the pusher.
///
/// Whoever reads it is never left without a word: a log that nothing was written to for long says that work goes on.
///
/// Plain ASCII apart from what the app itself prints; whoever shows it may add colors. All that is written here is made
/// printable here: whatever it quotes (commit subjects, a build step's name, the program's log) cannot drive a
/// terminal.
#pragma once

#include "core/descriptor.hpp"
#include "model/deployment.hpp"
#include "request/output.hpp"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace teal {

class DeploymentLog {
public:
  static constexpr std::chrono::seconds k_patience{30}; ///< of a reader

  /// Appends to `file`, made where missing with its folder. Throws Error(environment) if it cannot.
  explicit DeploymentLog(const std::filesystem::path& file, Milliseconds patience = k_patience);
  /// For what has no file of its own. `reader` must outlive the log.
  explicit DeploymentLog(Output& reader);

  /// `shop -> green   deployment 42   main 1a2b3c4 "Fix login"`
  void header(const Deployment& deployment);
  /// `build      1.21 s   6 of 7 layers cached`
  void step(const Step& step);
  /// Output of a build, or a program's log: indented, at most 16 MiB of it.
  void output(std::string_view text);
  /// A line, or several.
  void line(std::string_view text);

private:
  // With the lock held:
  void write_line(std::string_view text);
  void append(std::string_view text);
  void reassure(const std::stop_token& stop, Milliseconds patience);

  Descriptor m_descriptor;
  Output* m_reader = nullptr; ///< instead of the file
  std::size_t m_output = 0;
  bool m_line_open = false; ///< output ended within a line
  bool m_has_news = false;  ///< for reassure()
  std::mutex m_mutex;       ///< of all above
  std::condition_variable_any m_end;
  std::jthread m_reassurer; // last: it uses the others
};

/// `main 1a2b3c4 "Fix login"`: what an event asks for.
[[nodiscard]] std::string describe(const Event& event);

} // namespace teal
