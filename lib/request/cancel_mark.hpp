/// @file
/// CancelMark: how a deployment that runs is told to end, by a file in its app's folder.
///
/// Invariant: of those who want it cancelled, and the runner that is about to let it take over, the first one decides,
/// and each of the others learns how: the file is made with its content, or not at all.
#pragma once

#include "model/home.hpp"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace teal {

class CancelMark {
public:
  CancelMark(const AppFolder& app, std::int64_t deployment) : m_file(app.cancel_mark(deployment)) {}

  /// The deployment is to end. False if it takes over already. Throws Error(environment) if it cannot be said.
  [[nodiscard]] bool ask(const std::string& who) const;
  /// Who asked for it first, or nothing.
  [[nodiscard]] std::optional<std::string> who() const;
  /// From now on nobody can cancel it. False if somebody has. A disk that has no room for the mark stops nothing.
  [[nodiscard]] bool close() const;
  /// Of a deployment that has its outcome.
  void remove() const;

private:
  std::filesystem::path m_file;
};

/// Looks for a mark as long as it lives.
class CancelWatch {
public:
  explicit CancelWatch(CancelMark mark);

  /// Stops once somebody has asked.
  [[nodiscard]] std::stop_token token() const { return m_asked.get_token(); }

private:
  void watch(const std::stop_token& end);

  CancelMark m_mark;
  std::stop_source m_asked;
  std::mutex m_mutex;
  std::condition_variable_any m_end;
  std::jthread m_thread; // last: it uses the others
};

} // namespace teal
