#include "process/subprocess.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/pidfd.hpp"
#include "core/text.hpp"
#include "process/launch.hpp"
#include "process/process_group.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/process/v2/process.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace teal {

namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t k_output_limit = std::size_t{1} << 20U;
constexpr std::size_t k_tail_limit = std::size_t{8} << 10U;
constexpr std::size_t k_error_lines = 20;
/// How long a command may take to tidy up after SIGTERM.
constexpr Milliseconds k_term_patience = std::chrono::seconds(1);
/// How long what gets SIGKILL may take to be gone: it dies by and by, and another user's perhaps never.
constexpr Milliseconds k_kill_patience = std::chrono::seconds(2);
/// How long what a finished command left behind may still hold its output open.
constexpr Milliseconds k_drain_patience{100};

/// With SIGCHLD ignored the kernel throws exit codes away, and a caller may have inherited that from whoever started
/// it. The default action ignores the signal too, but keeps the codes.
void keep_exit_codes() {
  struct sigaction action {};
  if (::sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
    std::signal(SIGCHLD, SIG_DFL);
  }
}

/// A file rather than a pipe: nobody has to feed it, and a child that does not read it cannot send us a SIGPIPE.
Descriptor as_input(const std::string& text) {
  if (text.empty()) {
    return open_file("/dev/null", O_RDONLY, "open '/dev/null'");
  }
  Descriptor input = own(::memfd_create("input", MFD_CLOEXEC), "hold a command's input");
  if (!write_all(input.number(), text.data(), text.size()) || ::lseek(input.number(), 0, SEEK_SET) != 0) {
    throw Error(ErrorKind::environment, fmt::format("cannot hold a command's input: {}", system_reason(errno)));
  }
  return input;
}

/// With calls alone that start_process() allows. What cannot be written is let be.
void write_identity(int file) noexcept {
  std::array<char, 512> stat{};
  const int source = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  const ssize_t size = source < 0 ? 0 : read_some(source, stat.data(), stat.size());
  if (size > 0) {
    static_cast<void>(write_all(file, stat.data(), static_cast<std::size_t>(size)));
  }
}

/// The child's side, up to the exec.
struct ChildSide {
  const Launch& launch;
  int input;
  int output;
  int errors;
  int identity_file;

  /// Where it fails, errno goes to `report`, which the exec closes.
  [[noreturn]] void become(int report) const noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // if we are killed, nobody waits for it any more
    if (identity_file >= 0) {
      write_identity(identity_file);
    }
    if (::setpgid(0, 0) == 0 && launch.prepare_child(input, output, errors)) {
      ::execve(launch.program(), launch.arguments(), launch.environment());
    }
    const int fault = errno;
    static_cast<void>(write_all(report, reinterpret_cast<const char*>(&fault), sizeof fault));
    ::_exit(EXIT_FAILURE);
  }
};

/// A started command until its process is reaped.
///
/// It is a zombie until then, so its process group's number cannot be another's when the group is ended.
class Child {
public:
  explicit Child(const Command& command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] Outcome finish();

private:
  using Process = process::basic_process<asio::io_context::executor_type>;

  struct Stream {
    explicit Stream(asio::io_context& io) : end(io) {}
    asio::posix::stream_descriptor end;
    std::array<char, std::size_t{16} << 10U> buffer{};
  };

  Process start(const Launch& launch, const ChildSide& side);
  void read(Stream& stream);
  void keep(const Stream& stream, std::string_view text);
  void await_exit();
  template <class Condition>
  bool wait(Condition condition, SteadyClock::time_point limit);
  void end_group(int signal) const;
  int reap();

  const Command& m_command;
  asio::io_context m_io{1};
  Stream m_standard{m_io};
  Stream m_errors{m_io};
  Process m_process{m_io};
  asio::posix::stream_descriptor m_exit{m_io};
  bool m_exited = false;
  Outcome m_outcome;
};

Child::Child(const Command& command) : m_command(command) {
  const Launch launch(command);
  const Descriptor input = as_input(command.input);
  Pipe standard = open_pipe();
  Pipe errors = open_pipe();
  keep_exit_codes();
  m_process = start(launch, ChildSide{launch, input.number(), standard.write_end.number(), errors.write_end.number(),
                                      command.identity_file});
  m_standard.end.assign(standard.read_end.release());
  m_errors.end.assign(errors.read_end.release());
}

Child::~Child() {
  if (m_process.is_open()) {
    end_group(SIGKILL);
    reap();
  }
}

/// Not by Boost's launchers: they tell the io_context of the fork in the child too, which allocates. Where another
/// thread was just allocating, an allocator that does not expect that (AddressSanitizer's) never lets the child
/// through.
Child::Process Child::start(const Launch& launch, const ChildSide& side) {
  Pipe report = open_pipe();
  const pid_t child = start_process([&] { side.become(report.write_end.number()); });
  if (child < 0) {
    throw launch.failure(errno);
  }
  report.write_end.close();
  int fault = 0;
  if (read_some(report.read_end.number(), reinterpret_cast<char*>(&fault), sizeof fault) > 0) {
    ::waitpid(child, nullptr, 0);
    throw launch.failure(fault);
  }
  return Process(m_io.get_executor(), child);
}

void Child::read(Stream& stream) {
  stream.end.async_read_some(asio::buffer(stream.buffer), [this, &stream](error_code fault, std::size_t count) {
    if (fault) {
      stream.end.close(fault);
      return;
    }
    keep(stream, {stream.buffer.data(), count});
    read(stream);
  });
}

void Child::keep(const Stream& stream, std::string_view text) {
  if (&stream == &m_standard) {
    m_outcome.output.append(text.substr(0, k_output_limit - m_outcome.output.size()));
  }
  m_outcome.tail.append(text);
  if (m_outcome.tail.size() > 4 * k_tail_limit) {
    m_outcome.tail.erase(0, m_outcome.tail.size() - 2 * k_tail_limit);
  }
  if (m_command.on_output) {
    m_command.on_output(text);
  }
}

void Child::await_exit() {
  m_exit.assign(own(open_pidfd(m_process.id()), "watch a command").release());
  m_exit.async_wait(asio::posix::descriptor_base::wait_read, [this](error_code) { m_exited = true; });
}

/// Works off what happens until the condition holds; false if it does not at the limit.
template <class Condition>
bool Child::wait(Condition condition, SteadyClock::time_point limit) {
  while (!condition() && m_io.run_one_until(limit) != 0) {
  }
  return condition();
}

void Child::end_group(int signal) const {
  ::kill(-m_process.id(), signal);
  if (m_command.end_others) {
    m_command.end_others(m_process.id(), signal);
  }
}

int Child::reap() {
  error_code ignored;
  m_process.wait(ignored);
  const int status = m_process.native_exit_code();
  m_process.detach(); // else its destructor asks after a number that may be another's by now
  return status;
}

/// The last lines of `text` within the limit.
std::string whole_lines(std::string text) {
  if (text.size() > k_tail_limit) {
    text.erase(0, text.size() - k_tail_limit);
    const auto line_end = text.find('\n');
    text.erase(0, line_end == std::string::npos ? 0 : line_end + 1);
  }
  return text;
}

Outcome Child::finish() {
  const auto exited = [this] { return m_exited; };
  const auto closed = [this] { return !m_standard.end.is_open() && !m_errors.end.is_open(); };
  const auto done = [this] { return m_exited || m_outcome.interrupted; };
  const auto deadline = SteadyClock::now() + m_command.deadline;
  const std::stop_callback interruption(m_command.interrupt,
                                        [this] { asio::post(m_io, [this] { m_outcome.interrupted = !m_exited; }); });
  read(m_standard);
  read(m_errors);
  await_exit();
  if (!wait(done, deadline) || m_outcome.interrupted) {
    m_outcome.timed_out = !m_outcome.interrupted;
    end_group(SIGTERM);
    if (!wait(exited, SteadyClock::now() + k_term_patience)) {
      end_group(SIGKILL);
      m_outcome.left_behind =
          !wait(exited, m_command.end_others ? SteadyClock::now() + k_kill_patience : SteadyClock::time_point::max());
    }
  }
  wait(closed, SteadyClock::now() + k_drain_patience);
  if (!m_command.leave_background || m_outcome.timed_out || m_outcome.interrupted) {
    end_group(SIGKILL);
    wait(closed, SteadyClock::now() + k_drain_patience);
  }
  if ((m_outcome.timed_out || m_outcome.interrupted) && !m_outcome.left_behind) {
    static_cast<void>(await_end_of(processes_of_group(m_process.id()), k_kill_patience));
  }
  if (m_outcome.left_behind) {
    m_process.detach();
    m_outcome.tail = whole_lines(std::move(m_outcome.tail));
    return std::move(m_outcome);
  }
  const int status = reap();
  if (WIFSIGNALED(status)) {
    m_outcome.signal = WTERMSIG(status);
  } else {
    m_outcome.exit_code = WEXITSTATUS(status);
  }
  m_outcome.tail = whole_lines(std::move(m_outcome.tail));
  return std::move(m_outcome);
}

} // namespace

Environment inherited_environment() {
  Environment environment;
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (const auto equals = text.find('='); equals != std::string_view::npos) {
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return environment;
}

Environment clean_environment() {
  Environment environment = inherited_environment();
  std::erase_if(environment, [](const auto& variable) { return variable.first.starts_with("GIT_"); });
  return environment;
}

std::string Outcome::how_it_ended(Milliseconds deadline) const {
  if (interrupted) {
    return "was cancelled";
  }
  if (timed_out) {
    return fmt::format("did not end within {}", format_duration(deadline));
  }
  if (signal) {
    const char* name = ::sigdescr_np(*signal);
    return fmt::format("was killed by signal {} ({})", *signal, name == nullptr ? "unknown" : name);
  }
  return fmt::format("exited with {}", exit_code);
}

Outcome run(const Command& command) {
  return Child(command).finish();
}

Outcome run_or_throw(const Command& command) {
  Outcome outcome = run(command);
  if (!outcome.succeeded()) {
    std::string message = fmt::format("'{}' {}", command.arguments.front(), outcome.how_it_ended(command.deadline));
    const std::string said = last_lines(printable(outcome.tail, true), k_error_lines);
    if (!said.empty()) {
      message += (said.find('\n') == std::string::npos ? ": " : ":\n") + said;
    }
    throw Error(ErrorKind::environment, std::move(message));
  }
  return outcome;
}

} // namespace teal
