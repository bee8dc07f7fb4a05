#include "request/follower.hpp"

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "request/runner_start.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

namespace teal {

namespace {

/// Between looks at all there is, also at whether the runner lives.
constexpr Milliseconds k_longest_wait{100};
/// Between glances, which take microseconds. No inotify: the kernel takes 10 ms and more to end a watch, even that of a
/// process that exits, and whoever pushes waits for that.
constexpr Milliseconds k_longest_pause{4};
constexpr int k_most_runners = 5;

/// Reads a file that others append to, and that may not be there yet.
class GrowingFile {
public:
  explicit GrowingFile(std::filesystem::path file) : m_file(std::move(file)) {}

  /// The next piece, empty if there is none yet.
  std::string_view read() {
    if (!m_descriptor) {
      m_descriptor = Descriptor(::open(m_file.c_str(), O_RDONLY | O_CLOEXEC));
    }
    const ssize_t count = !m_descriptor ? 0 : ::read(m_descriptor.number(), m_buffer.data(), m_buffer.size());
    m_read += std::max<ssize_t>(count, 0);
    return {m_buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

  [[nodiscard]] bool has_more() const {
    struct stat status {};
    const int failed = m_descriptor ? ::fstat(m_descriptor.number(), &status) : ::stat(m_file.c_str(), &status);
    return failed == 0 && status.st_size > m_read;
  }

private:
  std::filesystem::path m_file;
  Descriptor m_descriptor;
  off_t m_read = 0;
  std::array<char, 16384> m_buffer{};
};

/// Passes text on line by line, for colors; without colors as it comes.
class LinePainter {
public:
  explicit LinePainter(Output& output) : m_output(output) {}

  /// Whether a line told the outcome.
  [[nodiscard]] bool has_told_outcome() const { return m_has_told_outcome; }

  bool write(std::string_view text) {
    note_outcome(text);
    if (!m_output.shows_colors()) {
      return m_output.write(text);
    }
    m_open_line += text;
    std::string painted;
    for (auto end = m_open_line.find('\n'); end != std::string::npos; end = m_open_line.find('\n')) {
      painted += colored(std::string_view(m_open_line).substr(0, end)) + '\n';
      m_open_line.erase(0, end + 1);
    }
    return m_output.write(painted);
  }

private:
  void note_outcome(std::string_view text) {
    constexpr std::size_t k_longest = std::string_view("CANCELLED ").size();
    for (const char c : text) {
      if (c == '\n') {
        m_line_start.clear();
      } else if (m_line_start.size() <= k_longest) {
        m_line_start += c;
      }
      m_has_told_outcome = m_has_told_outcome || m_line_start == "live " || m_line_start == "ready " ||
                           m_line_start == "FAILED " || m_line_start == "CANCELLED ";
    }
  }

  Output& m_output;
  std::string m_open_line;
  std::string m_line_start;
  bool m_has_told_outcome = false;
};

/// Why a deployment never ran is known to the store alone: who queues the newer event, or freezes the app, does not
/// write to this log.
void tell_end(const Deployment& deployment, LinePainter& painter) {
  const bool cancelled_at_work = deployment.status == Status::cancelled && deployment.started.has_value();
  if (!cancelled_at_work && (deployment.status == Status::superseded || deployment.status == Status::cancelled)) {
    painter.write(printable(deployment.outcome, true) + "\n");
  }
  if (deployment.status == Status::cancelled) {
    painter.write(describe_kept(deployment) + "\n");
  }
  const bool has_run = deployment.started.has_value() || is_success(deployment.status);
  if (has_run && deployment.status != Status::superseded && !painter.has_told_outcome()) {
    painter.write(fmt::format("{}   {}   its log could not be written to the end\n",
                              deployment.status == Status::failed      ? "FAILED"
                              : deployment.status == Status::cancelled ? "CANCELLED"
                                                                       : to_string(deployment.status),
                              printable(deployment.outcome, true)));
  }
}

/// Until the log has more, or the store changed from `version`.
void wait_for_news(const GrowingFile& log, const Database& store, std::int64_t version) {
  Milliseconds pause{1};
  for (const Stopwatch waited; waited.elapsed() < k_longest_wait;) {
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, k_longest_pause);
    if (log.has_more() || store.version() != version) {
      return;
    }
  }
}

std::uintmax_t size_of(const std::filesystem::path& file) {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(file, missing);
  return missing ? 0 : size;
}

/// The last line that runners wrote beyond `known` bytes of their log.
std::string last_words(const std::filesystem::path& log, std::uintmax_t known) {
  if (size_of(log) > known) {
    return printable(last_lines(trim(read_file(log)), 1));
  }
  std::error_code unknown;
  const bool full = std::filesystem::space(log.parent_path(), unknown).available == 0;
  return full ? fmt::format("the disk of '{}' is full", log.parent_path().string())
              : fmt::format("they said nothing in '{}'", log.string());
}

} // namespace

std::string describe_kept(const Deployment& deployment) {
  if (is_cancelled_by_hand(deployment)) {
    return fmt::format("{} is not deployed; to try again: tealhook queue retry {}",
                       short_commit(deployment.event.new_commit), deployment.id);
  }
  return fmt::format("{} is kept, but not deployed; later: tealhook unfreeze {} --deploy",
                     short_commit(deployment.event.new_commit), deployment.event.app);
}

std::string describe(const Pause& pause) {
  return fmt::format("'{}' is paused by {} since {}", pause.app, pause.who, format_time(pause.at));
}

std::string describe_waiting(const Pause& pause, const Deployment& deployment) {
  return fmt::format("{}: deployment {} waits until: tealhook queue resume {}\n", describe(pause), deployment.id,
                     pause.app);
}

std::string describe_retry(const Deployment& retry) {
  return fmt::format("deployment {} tries it again in {} (retry {}), for the cause may pass; to call it off: tealhook "
                     "queue cancel {}\n",
                     retry.id, format_duration(retry.due.value_or(retry.created) - retry.created), retry.retry,
                     retry.id);
}

Follower::Follower(const Workplace& place, const std::optional<ProcessId>& runner) : m_place(place), m_runner(runner) {}

std::optional<Status> Follower::follow(std::int64_t id, Output& output) {
  const auto first_look = m_place.store.history.deployment(id);
  if (!first_look) {
    throw Error(ErrorKind::usage, fmt::format("there is no deployment {}", id));
  }
  const AppFolder folder = m_place.home.app(first_look->event.app);
  files::create_directories(folder.logs());
  GrowingFile log(folder.log(id));
  LinePainter painter(output);
  for (;;) {
    // The status is read before the log: what was logged before the outcome is then shown before we leave.
    const std::int64_t version = m_place.store.database.version();
    const auto deployment = m_place.store.history.deployment(id);
    for (auto piece = log.read(); !piece.empty(); piece = log.read()) {
      if (!painter.write(piece)) {
        return std::nullopt;
      }
    }
    if (!deployment) {
      return std::nullopt; // its app was removed
    }
    if (is_final(deployment->status)) {
      tell_end(*deployment, painter);
      tell_retry(*deployment, output);
      return deployment->status;
    }
    if (deployment->status == Status::queued) {
      if (const auto pause = m_place.store.queue.find_pause(deployment->event.app)) {
        output.write(describe_waiting(*pause, *deployment));
        return Status::queued;
      }
    }
    ensure_runner(*deployment);
    wait_for_news(log, m_place.store.database, version);
  }
}

/// The store alone knows of it: it is stored with the outcome, after the log's last line.
void Follower::tell_retry(const Deployment& failed, Output& output) const {
  const auto retry = failed.status == Status::failed ? m_place.store.history.retry_of(failed) : std::nullopt;
  if (retry && retry->status == Status::queued) {
    output.write(describe_retry(*retry));
  }
}

void Follower::ensure_runner(const Deployment& deployment) {
  const std::string& app = deployment.event.app;
  const bool ours_is_alive = m_runner && is_alive(*m_runner);
  if (ours_is_alive || has_runner(m_place.home.app(app))) {
    return;
  }
  const std::filesystem::path log = m_place.home.app(app).runner_log();
  if (m_runners_started == 0) {
    m_runner_log_size = size_of(log);
  } else if (m_runners_started == k_most_runners) {
    throw Error(ErrorKind::environment,
                fmt::format("{} runners of '{}' ended without finishing deployment {}: {}", m_runners_started, app,
                            deployment.id, last_words(log, m_runner_log_size)));
  }
  ++m_runners_started;
  m_runner = start_runner(m_place.home, app, m_place.environment, m_place.installation);
}

} // namespace teal
