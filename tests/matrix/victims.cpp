#include "matrix/victims.hpp"

#include "core/descriptor.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace teal {

namespace {

constexpr std::array<std::pair<Victim, std::string_view>, 8> k_names{{{Victim::runner, "runner"},
                                                                      {Victim::caller, "caller"},
                                                                      {Victim::hook, "hook"},
                                                                      {Victim::command, "command"},
                                                                      {Victim::router, "router"},
                                                                      {Victim::registry, "registry"},
                                                                      {Victim::engine, "engine"},
                                                                      {Victim::host, "host"}}};

/// Empty where the process is gone.
std::string read_all(const std::filesystem::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 8192> text{};
  const ssize_t size = opened ? ::read(opened.number(), text.data(), text.size()) : 0;
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  bool is_dead = false; ///< its parent has not asked yet
  std::string program;
  std::vector<std::string> arguments;
};

std::vector<Process> all_processes() {
  std::vector<Process> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto pid = parse_integer(entry.path().filename().string());
    if (!pid) {
      continue;
    }
    const std::string status = read_all(entry.path() / "stat");
    const auto name_end = status.rfind(')');
    if (name_end == std::string::npos) {
      continue;
    }
    const auto fields = split(status.substr(name_end + 2), ' ');
    std::error_code gone;
    const auto exe = std::filesystem::read_symlink(entry.path() / "exe", gone);
    found.push_back({.pid = static_cast<pid_t>(*pid),
                     .parent = static_cast<pid_t>(parse_integer(fields.at(1)).value_or(0)),
                     .is_dead = fields.at(0) == "Z" || fields.at(0) == "X",
                     .program = exe.filename().string(),
                     .arguments = split(read_all(entry.path() / "cmdline"), '\0')});
  }
  return found;
}

bool has_argument(const Process& process, std::string_view word) {
  return std::find(process.arguments.begin(), process.arguments.end(), word) != process.arguments.end();
}

bool is_of(const Process& process, Victim victim) {
  switch (victim) {
  case Victim::runner:
    return process.program == "tealhook" && has_argument(process, "runner");
  case Victim::command:
    return process.program == "tealhook" && !has_argument(process, "runner");
  case Victim::hook:
    return process.program == "post-receive" || process.program == "pre-receive";
  case Victim::router:
    return process.program == "haproxy" || process.program == "nginx" || process.program == "caddy";
  case Victim::registry:
    return process.program == "docker-registry";
  case Victim::engine:
    return process.program == "dockerd";
  case Victim::host:
    return true;
  case Victim::caller:
    return false;
  }
  return false;
}

/// Of the matrix itself, with whoever waits for it, and the namespace's first process with what that started.
std::set<pid_t> untouchable(const std::vector<Process>& processes) {
  std::set<pid_t> found{1};
  for (pid_t pid = ::getpid(); pid > 0;) {
    found.insert(pid);
    const auto self =
        std::find_if(processes.begin(), processes.end(), [&](const Process& one) { return one.pid == pid; });
    pid = self == processes.end() ? 0 : self->parent;
  }
  for (const Process& process : processes) {
    if (process.parent == 1 && process.program == "sleep") {
      found.insert(process.pid);
    }
  }
  return found;
}

std::vector<Process> living(Victim victim) {
  std::vector<Process> found = all_processes();
  const auto spared = untouchable(found);
  std::erase_if(found, [&](const Process& process) {
    return process.is_dead || !is_of(process, victim) || spared.contains(process.pid);
  });
  return found;
}

std::mutex& killing() {
  static std::mutex s_mutex;
  return s_mutex;
}

} // namespace

std::string_view to_string(Victim victim) noexcept {
  return std::find_if(k_names.begin(), k_names.end(), [&](const auto& one) { return one.first == victim; })->second;
}

std::optional<Victim> parse_victim(std::string_view text) noexcept {
  const auto found = std::find_if(k_names.begin(), k_names.end(), [&](const auto& one) { return one.second == text; });
  return found == k_names.end() ? std::nullopt : std::optional(found->first);
}

std::vector<pid_t> processes_of(Victim victim) {
  std::vector<pid_t> found;
  for (const Process& process : living(victim)) {
    found.push_back(process.pid);
  }
  return found;
}

std::string describe_processes_of(Victim victim) {
  std::string text;
  for (const Process& process : living(victim)) {
    text += fmt::format("pid {} of {}: {}\n", process.pid, process.parent, join(process.arguments, " "));
  }
  return text;
}

void await_kills() {
  const std::lock_guard lock(killing());
}

void kill_victim(Victim victim) {
  const std::lock_guard lock(killing());
  // What one of the killed had begun to start may come after the first look.
  for (int rounds = 0; rounds < 400; ++rounds) {
    const auto victims = processes_of(victim);
    if (victims.empty()) {
      return;
    }
    for (const pid_t pid : victims) {
      ::kill(pid, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

} // namespace teal
