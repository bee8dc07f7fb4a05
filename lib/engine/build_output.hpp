/// @file
/// BuildOutput: what a builder's plain output says of its layers, and of the step that failed.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace teal::engine {

/// Reads the plain progress of BuildKit (20.10 and later) and the text of the classic builder.
class BuildOutput {
public:
  /// Output as it comes, in pieces of any size. Returns what of it is news to people, in whole lines: not the digests
  /// that BuildKit gives its steps, nor the empty lines between them.
  std::string feed(std::string_view chunk);
  /// Of a last line that has not ended.
  [[nodiscard]] const std::string& rest() const { return m_rest; }

  /// Steps that make a layer: RUN, COPY, ADD and WORKDIR; and those of them that were taken from the cache.
  [[nodiscard]] int layers() const;
  [[nodiscard]] int cached() const;
  /// "RUN make", of a build that failed; empty if it failed outside of any step.
  [[nodiscard]] std::string failed_step() const;
  /// "exit code: 2", or the builder's last words.
  [[nodiscard]] const std::string& failure() const { return m_failure.empty() ? m_last_line : m_failure; }

private:
  struct Step {
    std::string title; ///< "RUN make"
    bool cached = false;
  };

  void read_line(std::string_view line);
  bool read_buildkit(std::string_view line);
  bool read_classic(std::string_view line);

  std::string m_rest; ///< of a line that has not ended
  std::map<int, Step> m_steps;
  int m_classic_step = 0; ///< the one at work in the classic builder
  int m_failed_step = 0;
  std::string m_failure;
  std::string m_last_line;
};

} // namespace teal::engine
