#include "deploy/follower.hpp"

#include "core/error.hpp"
#include "deploy/runner.hpp"
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
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  ~FolderWatch() { ::close(m_descriptor); }

  void add(const std::filesystem::path& folder) const {
    ::inotify_add_watch(m_descriptor, folder.c_str(), IN_MODIFY | IN_CLOSE_WRITE);
  }
  void wait(Milliseconds longest) const {
    pollfd news{m_descriptor, POLLIN, 0};
    ::poll(&news, 1, static_cast<int>(longest.count()));
    std::array<char, 4096> seen{};
    while (::read(m_descriptor, seen.data(), seen.size()) > 0) {
    }
  }

private:
  int m_descriptor;
};

/// Reads a file that others append to, and that may not be there yet.
class GrowingFile {
public:
  explicit GrowingFile(std::filesystem::path file) : m_file(std::move(file)) {}
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;
  ~GrowingFile() {
    if (m_descriptor >= 0) {
      ::close(m_descriptor);
    }
  }

  /// The next piece, empty if there is none yet.
  std::string_view read() {
    if (m_descriptor < 0) {
      m_descriptor = ::open(m_file.c_str(), O_RDONLY | O_CLOEXEC);
    }
    const ssize_t count = m_descriptor < 0 ? 0 : ::read(m_descriptor, m_buffer.data(), m_buffer.size());
    return {m_buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

private:
  std::filesystem::path m_file;
  int m_descriptor = -1;
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
    if (!deployment || is_final(deployment->status)) {
      return deployment ? std::optional(deployment->status) : std::nullopt;
    }
    ensure_runner(first_look->event.app);
    watch.wait(k_longest_wait);
  }
}

void Follower::ensure_runner(std::string_view app) {
  const bool ours_is_alive = m_runners_started > 0 && is_alive(m_runner);
  if (ours_is_alive || FileLock::is_held(m_home.app(app).lock())) {
    return;
  }
  if (m_runners_started == k_most_runners) {
    throw Error(ErrorKind::environment,
                fmt::format("{} runners of '{}' ended without finishing its deployment; see '{}'", m_runners_started,
                            app, (m_home.app(app).logs() / "runner.log").string()));
  }
  ++m_runners_started;
  m_runner = start_runner(m_home, app, m_environment, m_installation);
}

} // namespace teal
