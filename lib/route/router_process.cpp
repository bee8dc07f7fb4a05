#include "route/router_process.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "host/port_owner.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace teal::route {

namespace {

namespace json = boost::json;

constexpr std::size_t k_log_lines = 10;
constexpr std::size_t k_quoted_lines = 5;
constexpr Milliseconds k_pause{5};
constexpr std::chrono::seconds k_patience_for_orphans(5);
constexpr std::chrono::seconds k_patience_for_answers(20);

struct Started {
  ProcessId process;
  pid_t session = 0;
};

std::optional<Started> read_started(const std::filesystem::path& file) {
  try {
    const json::value value = json::parse(read_file(file));
    return Started{
        {.pid = value.at("pid").to_number<pid_t>(), .start_ticks = value.at("start_ticks").to_number<std::uint64_t>()},
        value.at("session").to_number<pid_t>()};
  } catch (const std::exception&) { // not there, or of a write that was cut short by hand
    return std::nullopt;
  }
}

} // namespace

RouterProcess::RouterProcess(std::string program, std::filesystem::path folder, Environment environment)
    : m_program(std::move(program)), m_folder(std::move(folder)), m_environment(std::move(environment)) {}

std::optional<ProcessId> RouterProcess::find() const {
  const auto started = read_started(pid_file());
  const auto process = started ? std::optional(started->process) : std::nullopt;
  // The number and the moment of its start may both come again after a reboot.
  const bool ours = process && process->pid > 0 && is_alive(*process) && program_of(process->pid) == m_program;
  return ours ? process : std::nullopt;
}

void RouterProcess::require_program() const {
  if (!find_program(m_program, m_environment)) {
    throw Error(ErrorKind::environment,
                fmt::format("'{}' is not installed on this host: apt-get install {}", m_program, m_program));
  }
}

void RouterProcess::end_orphans() const {
  const auto started = read_started(pid_file());
  if (!started || is_alive(started->process)) {
    return;
  }
  for (const std::string& name : files::names_in("/proc")) {
    const auto pid = parse_integer(name);
    const auto orphan = pid ? identify(static_cast<pid_t>(*pid)) : std::nullopt;
    if (orphan && ::getsid(orphan->pid) == started->session && program_of(orphan->pid) == m_program &&
        !end_process(*orphan, k_patience_for_orphans)) {
      throw Error(ErrorKind::environment, fmt::format("cannot end {}, pid {}", m_program, orphan->pid));
    }
  }
}

void RouterProcess::start(std::vector<std::string> arguments) {
  require_program();
  end_orphans();
  files::remove(log_file());
  // By its path: HAProxy's master starts itself anew, and looks for itself in its own PATH.
  arguments.insert(arguments.begin(), find_program(m_program, m_environment).value().string());
  const ProcessId process = start_detached(
      {.arguments = std::move(arguments), .directory = m_folder, .environment = m_environment}, log_file());
  write_file(pid_file(),
             json::serialize(json::object{
                 {"pid", process.pid}, {"start_ticks", process.start_ticks}, {"session", ::getsid(process.pid)}}));
}

bool RouterProcess::signal(int number) const {
  const auto process = find();
  return process && ::kill(process->pid, number) == 0;
}

bool RouterProcess::stop(int signal_number, Milliseconds patience) {
  const auto process = find();
  if (process) {
    ::kill(process->pid, signal_number);
    const Stopwatch stopwatch;
    while (is_alive(*process) && stopwatch.elapsed() < patience) {
      std::this_thread::sleep_for(k_pause);
    }
    if (!end_process(*process, patience)) {
      throw Error(ErrorKind::environment, fmt::format("cannot end {}, pid {}", m_program, process->pid));
    }
  }
  files::remove(pid_file());
  return process.has_value();
}

Outcome RouterProcess::ask(std::vector<std::string> arguments, std::string input) const {
  require_program();
  arguments.insert(arguments.begin(), m_program);
  return run({.arguments = std::move(arguments),
              .environment = m_environment,
              .input = std::move(input),
              .deadline = k_patience_for_answers});
}

void RouterProcess::require_valid(std::vector<std::string> arguments, std::string input) const {
  const Outcome outcome = ask(std::move(arguments), std::move(input));
  if (!outcome.succeeded()) {
    throw Error(ErrorKind::environment, fmt::format("{} refuses its configuration: {}", m_program,
                                                    printable(trim(last_lines(outcome.tail, k_quoted_lines)))));
  }
}

void RouterProcess::refuse_to_wait() const {
  std::string log;
  try {
    log = last_lines(read_file(log_file()), k_log_lines);
  } catch (const Error&) { // it has said nothing yet
  }
  throw Error(ErrorKind::environment,
              fmt::format("{} did not take its configuration over:\n{}", m_program, printable(log, true)));
}

} // namespace teal::route
