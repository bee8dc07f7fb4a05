#include "deploy/follower.hpp"

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "deploy/runner.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace teal {

namespace {

constexpr Milliseconds k_longest_wait{1000}; ///< between looks, should an event be missed
constexpr int k_most_runners = 5;

/// Wakes up when a file in one of the folders was written to or closed by a writer, or when the time is up.
class FolderWatch {
public:
  FolderWatch() : m_descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

  void add(const std::filesystem::path& folder) const {
    ::inotify_add_watch(m_descriptor.number(), folder.c_str(), IN_MODIFY | IN_CLOSE_WRITE);
  }
  void wait(Milliseconds longest) const {
    pollfd news{m_descriptor.number(), POLLIN, 0};
    ::poll(&news, 1, static_cast<int>(longest.count()));
    std::array<char, 4096> seen{};
    while (::read(m_descriptor.number(), seen.data(), seen.size()) > 0) {
    }
  }

private:
  Descriptor m_descriptor;
};

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
    return {m_buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

private:
  std::filesystem::path m_file;
  Descriptor m_descriptor;
  std::array<char, 16384> m_buffer{};
};

/// Passes text on line by line, for colors; without colors as it comes.
class LinePainter {
public:
  explicit LinePainter(Output& output) : m_output(output) {}

  bool write(std::string_view text) {
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
  Output& m_output;
  std::string m_open_line;
};

/// What superseded a deployment is known to the store alone: who queued the newer event does not write to this log.
void tell_end(const Deployment& deployment, LinePainter& painter) {
  if (deployment.status == Status::superseded) {
    painter.write(deployment.outcome + "\n");
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

Follower::Follower(Home home, Environment environment, Installation installation, History& history)
    : m_home(std::move(home)), m_environment(std::move(environment)), m_installation(std::move(installation)),
      m_history(history) {}

std::optional<Status> Follower::follow(std::int64_t id, Output& output) {
  const auto first_look = m_history.deployment(id);
  if (!first_look) {
    throw Error(ErrorKind::usage, fmt::format("there is no deployment {}", id));
  }
  const AppFolder folder = m_home.app(first_look->event.app);
  std::filesystem::create_directories(folder.logs());
  FolderWatch watch;
  watch.add(folder.logs());
  watch.add(folder.root); // the runner's lock: closed when its holder goes
  watch.add(m_home.root); // the store: written to with every change of a status
  GrowingFile log(folder.log(id));
  LinePainter painter(output);
  for (;;) {
    // The status is read before the log: what was logged before the outcome is then shown before we leave.
    const auto deployment = m_history.deployment(id);
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
      return deployment->status;
    }
    ensure_runner(*deployment);
    watch.wait(k_longest_wait);
  }
}

void Follower::ensure_runner(const Deployment& deployment) {
  const std::string& app = deployment.event.app;
  const bool ours_is_alive = m_runners_started > 0 && is_alive(m_runner);
  if (ours_is_alive || FileLock::is_held(m_home.app(app).lock())) {
    return;
  }
  const std::filesystem::path log = m_home.app(app).runner_log();
  if (m_runners_started == 0) {
    m_runner_log_size = size_of(log);
  } else if (m_runners_started == k_most_runners) {
    throw Error(ErrorKind::environment,
                fmt::format("{} runners of '{}' ended without finishing deployment {}: {}", m_runners_started, app,
                            deployment.id, last_words(log, m_runner_log_size)));
  }
  ++m_runners_started;
  m_runner = start_runner(m_home, app, m_environment, m_installation);
}

} // namespace teal
