/// @file
/// Prober: asks a port for its page all the time, each time by a connection of its own, and remembers what it was told.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace teal {

/// "v3 green" of what the port answers; "503 …" or what went wrong in parentheses if that was no 200.
[[nodiscard]] std::string ask(std::uint16_t port);
[[nodiscard]] inline bool is_page(const std::string& answer) {
  return answer.starts_with("v");
}

class Prober {
public:
  explicit Prober(std::uint16_t port);
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober() = default;

  /// How often it was told what; to be called when it has seen enough.
  [[nodiscard]] std::map<std::string, int> stop();

private:
  std::map<std::string, int> m_answers;
  std::jthread m_thread; // last: it uses the other
};

} // namespace teal
