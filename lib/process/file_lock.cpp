#include "process/file_lock.hpp"

#include "core/error.hpp"
#include "process/file_io.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace teal {

namespace {

using SteadyClock = std::chrono::steady_clock;

struct flock whole_file(short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  return range;
}

Descriptor open_lock(const std::filesystem::path& file) {
  return open_file(file, O_RDWR | O_CREAT, fmt::format("open lock '{}'", file.string()));
}

bool try_lock(const Descriptor& file) {
  struct flock range = whole_file(F_WRLCK);
  if (::fcntl(file.number(), F_OFD_SETLK, &range) == 0) {
    return true;
  }
  if (errno == EAGAIN || errno == EACCES) {
    return false;
  }
  throw Error(ErrorKind::environment, fmt::format("cannot lock a file: {}", system_reason(errno)));
}

/// Files that one waits to lock, with whoever closes one of them.
///
/// They stay open while one waits: to open and close them for each try would wake all who wait, and they us, for ever.
class Contest {
public:
  explicit Contest(const std::vector<std::filesystem::path>& files) {
    for (const auto& file : files) {
      m_files.push_back(open_lock(file));
    }
  }

  /// Only where one must wait: the kernel takes 10 ms and more to end a watch.
  void watch(const std::vector<std::filesystem::path>& files) {
    m_events = own(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "watch lock files");
    for (const auto& file : files) {
      if (::inotify_add_watch(m_events.number(), file.c_str(), IN_CLOSE_WRITE) < 0) {
        throw Error(ErrorKind::environment,
                    fmt::format("cannot watch lock '{}': {}", file.string(), system_reason(errno)));
      }
    }
  }

  std::optional<Descriptor> take_free() {
    const auto won = std::find_if(m_files.begin(), m_files.end(), try_lock);
    return won == m_files.end() ? std::nullopt : std::optional(std::move(*won));
  }

  /// Until somebody closes a file or `limit` has come.
  void wait(SteadyClock::time_point limit) {
    const auto left = std::chrono::ceil<Milliseconds>(limit - SteadyClock::now());
    pollfd watched{m_events.number(), POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(std::max(left, Milliseconds(0)).count())) > 0) {
      alignas(inotify_event) std::array<char, 4096> events{};
      while (read_some(m_events.number(), events.data(), events.size()) > 0) {
      }
      m_looks_left = k_looks;
    }
  }

  /// When to look again at the latest. A killed holder's close is told just before the kernel takes its lock away, so
  /// after each such message there are a few looks in quick succession.
  SteadyClock::time_point next_look(SteadyClock::time_point deadline) {
    if (m_looks_left == 0) {
      return deadline;
    }
    --m_looks_left;
    return std::min(deadline, SteadyClock::now() + Milliseconds(2));
  }

private:
  static constexpr int k_looks = 10;
  Descriptor m_events;
  std::vector<Descriptor> m_files;
  int m_looks_left = 0;
};

} // namespace

std::optional<FileLock> FileLock::try_acquire(const std::filesystem::path& file) {
  Descriptor descriptor = open_lock(file);
  return try_lock(descriptor) ? std::optional(FileLock(std::move(descriptor))) : std::nullopt;
}

bool FileLock::is_held(const std::filesystem::path& file) {
  const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0 && errno == ENOENT) {
    return false;
  }
  const Descriptor descriptor = own(number, fmt::format("open lock '{}'", file.string()));
  struct flock range = whole_file(F_WRLCK);
  return ::fcntl(descriptor.number(), F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

std::optional<FileLock> FileLock::acquire_any(const std::vector<std::filesystem::path>& files, Milliseconds patience) {
  const auto deadline = SteadyClock::now() + patience;
  Contest contest(files);
  if (auto won = contest.take_free()) {
    return FileLock(std::move(*won));
  }
  contest.watch(files);
  for (;;) {
    if (auto won = contest.take_free()) {
      return FileLock(std::move(*won));
    }
    if (SteadyClock::now() >= deadline) {
      return std::nullopt;
    }
    contest.wait(contest.next_look(deadline));
  }
}

FileLock& FileLock::operator=(FileLock&& from) noexcept {
  std::swap(m_descriptor, from.m_descriptor);
  return *this;
}

FileLock::~FileLock() {
  if (m_descriptor) {
    // Unlocked before it is closed, so that who is woken by the close finds it free.
    struct flock range = whole_file(F_UNLCK);
    ::fcntl(m_descriptor.number(), F_OFD_SETLK, &range);
  }
}

} // namespace teal
