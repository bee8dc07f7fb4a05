/// @file
/// FileSource: stops tealhook's programs before the n-th change that they make to a file, and does something then.
#pragma once

#include "core/descriptor.hpp"
#include "matrix/file_control.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace teal {

class FileSource {
public:
  /// Its files are made in `folder`.
  explicit FileSource(const std::filesystem::path& folder);
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource();

  /// `environment` with what makes the programs tell.
  [[nodiscard]] Environment watched(Environment environment) const;
  /// Counts anew; `action` gets the process that is about to make the `nth` change, which waits for its end.
  void arm(int nth, std::function<void(pid_t)> action);
  void disarm() { arm(0, {}); }
  [[nodiscard]] int count() const { return m_control->count; }
  /// "rename /home/x" of the change that it was.
  [[nodiscard]] std::optional<std::string> victim() const;

private:
  void accept_tellers(const std::stop_token& stop);

  std::filesystem::path m_file;
  FileControl* m_control = nullptr;
  Descriptor m_listener;
  mutable std::mutex m_mutex;
  std::function<void(pid_t)> m_action;
  std::optional<std::string> m_victim;
  std::jthread m_acceptor;
};

} // namespace teal
