#include "process/detached.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/pidfd.hpp"
#include "process/launch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <string_view>

namespace teal {

namespace {

/// After SIGKILL only the kernel's own work is left.
constexpr Milliseconds k_kill_patience = std::chrono::seconds(5);

struct Stat {
  ProcessId process;
  char state = '?';
};

/// The fields of /proc/PID/stat that we need (proc(5)). The second, the program's name, may hold anything, so they are
/// counted from behind its closing parenthesis.
std::optional<Stat> parse_stat(pid_t pid, std::string_view text) {
  constexpr int k_start_field = 22;
  const auto name_end = text.rfind(") ");
  if (name_end == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(name_end + 2);
  Stat stat{{pid, 0}, text.empty() ? '?' : text.front()};
  for (int field = 3; field < k_start_field; ++field) {
    text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
  }
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), stat.process.start_ticks);
  return fault == std::errc() ? std::optional(stat) : std::nullopt;
}

/// Allocates nothing: it is called in the process between, too.
std::optional<Stat> read_stat(pid_t pid) {
  std::array<char, 32> file{};
  *fmt::format_to_n(file.data(), file.size() - 1, "/proc/{}/stat", pid).out = '\0';
  const int descriptor = ::open(file.data(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return std::nullopt;
  }
  std::array<char, 1024> text{};
  const ssize_t size = read_some(descriptor, text.data(), text.size());
  ::close(descriptor);
  return size <= 0 ? std::nullopt : parse_stat(pid, {text.data(), static_cast<std::size_t>(size)});
}

/// What the children tell over the pipe, in one write each: the process that was made, or why it could not be.
struct Report {
  ProcessId process;
  int error_number = 0;
};

struct Streams {
  Descriptor input;
  Descriptor output;
};

Streams open_streams(const std::filesystem::path& log) {
  const std::filesystem::path output = log.empty() ? "/dev/null" : log;
  return {open_file("/dev/null", O_RDONLY, "open '/dev/null'"),
          open_file(output, O_WRONLY | O_CREAT | O_APPEND, fmt::format("open log '{}'", output.string()))};
}

void send(int pipe, const Report& report) noexcept {
  // Where the pipe is broken there is nobody left to be told.
  static_cast<void>(write_all(pipe, reinterpret_cast<const char*>(&report), sizeof report));
}

[[noreturn]] void become(const Launch& launch, const Streams& streams, int pipe) noexcept {
  if (launch.prepare_child(streams.input.number(), streams.output.number(), streams.output.number())) {
    ::execve(launch.program(), launch.arguments(), launch.environment());
  }
  send(pipe, {{}, errno});
  ::_exit(EXIT_FAILURE);
}

/// The process between: it leads the new session, and by going it leaves its child to nobody. Until then the child,
/// even if it has ended already, keeps its number and can be identified.
[[noreturn]] void leave_child(const Launch& launch, const Streams& streams, int pipe) noexcept {
  ::setsid();
  const pid_t child = start_process([&] { become(launch, streams, pipe); });
  if (child < 0) {
    send(pipe, {{}, errno});
  } else if (const auto stat = read_stat(child)) {
    send(pipe, {stat->process, 0});
  } else {
    send(pipe, {{}, ESRCH});
  }
  ::_exit(EXIT_SUCCESS);
}

/// All reports, until exec or exit has closed the last copy of the pipe's other end.
Report collect(int pipe) {
  Report sum;
  Report report;
  while (read_some(pipe, reinterpret_cast<char*>(&report), sizeof report) == static_cast<ssize_t>(sizeof report)) {
    if (report.error_number != 0) {
      sum.error_number = report.error_number;
    } else {
      sum.process = report.process;
    }
  }
  return sum;
}

bool ends_within(const Descriptor& process, Milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd watched{process.number(), POLLIN, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::max(left, Milliseconds(0)).count()));
    if (ready >= 0 || errno != EINTR) {
      return ready > 0;
    }
  }
}

} // namespace

ProcessId start_detached(const Command& command, const std::filesystem::path& log) {
  const Launch launch(command);
  const Streams streams = open_streams(log);
  Pipe pipe = open_pipe();
  const pid_t between = start_process([&] { leave_child(launch, streams, pipe.write_end.number()); });
  if (between < 0) {
    throw launch.failure(errno);
  }
  pipe.write_end.close();
  const Report report = collect(pipe.read_end.number());
  while (::waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (report.error_number != 0 || report.process.pid == 0) {
    throw launch.failure(report.error_number == 0 ? ECHILD : report.error_number);
  }
  return report.process;
}

std::optional<ProcessId> identify(pid_t pid) {
  const auto stat = read_stat(pid);
  return stat ? std::optional(stat->process) : std::nullopt;
}

bool is_alive(const ProcessId& process) {
  const auto stat = read_stat(process.pid);
  return stat && stat->process == process && stat->state != 'Z' && stat->state != 'X';
}

TimePoint began_at(const ProcessId& process) {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  const Milliseconds up(static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000);
  const Milliseconds began(process.start_ticks * 1000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
  return SystemClock().now() - (up - began);
}

bool end_process(const ProcessId& process, Milliseconds patience) {
  const int number = open_pidfd(process.pid);
  if (number < 0) {
    return !is_alive(process);
  }
  const Descriptor handle = own(number, "watch a process");
  // Only now: the handle stays with the process it was opened for, so what it is cannot change after this look.
  if (!is_alive(process)) {
    return true;
  }
  if (signal_pidfd(handle.number(), SIGTERM) && ends_within(handle, patience)) {
    return true;
  }
  return signal_pidfd(handle.number(), SIGKILL) && ends_within(handle, k_kill_patience);
}

} // namespace teal
