#include "process/process_group.hpp"

#include "core/file_io.hpp"
#include "core/pidfd.hpp"
#include "core/text.hpp"
#include "process/detached.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string>

namespace teal {

namespace {

constexpr std::size_t k_start_field = 22;

struct ProcessFacts {
  ProcessId process;
  char state = '?';
  pid_t parent = 0;
  pid_t group = 0;
};

/// The fields of /proc/PID/stat (proc(5)), counted from behind the program's name, which may hold anything.
std::optional<ProcessFacts> parse_stat(std::string_view text) {
  const auto name_end = text.rfind(") ");
  const auto pid = parse_integer(text.substr(0, text.find(' ')));
  if (name_end == std::string_view::npos || !pid) {
    return std::nullopt;
  }
  const auto fields = split(text.substr(name_end + 2), ' '); // from the third on
  const auto number = [&](std::size_t field) { return parse_integer(fields[field - 3]).value_or(0); };
  if (fields.size() <= k_start_field - 3) {
    return std::nullopt;
  }
  return ProcessFacts{
      .process = {.pid = static_cast<pid_t>(*pid), .start_ticks = static_cast<std::uint64_t>(number(k_start_field))},
      .state = fields[0].empty() ? '?' : fields[0].front(),
      .parent = static_cast<pid_t>(number(4)),
      .group = static_cast<pid_t>(number(5))};
}

std::vector<ProcessFacts> all_processes() {
  std::vector<ProcessFacts> found;
  std::error_code gone;
  for (auto entry = std::filesystem::directory_iterator("/proc", gone);
       !gone && entry != std::filesystem::directory_iterator(); entry.increment(gone)) {
    if (!parse_integer(entry->path().filename().string())) {
      continue;
    }
    const Descriptor file(::open((entry->path() / "stat").c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 1024> text{};
    const ssize_t size = file ? read_some(file.number(), text.data(), text.size()) : 0; // it may have ended meanwhile
    if (auto facts = size > 0 ? parse_stat({text.data(), static_cast<std::size_t>(size)}) : std::nullopt) {
      found.push_back(*facts);
    }
  }
  return found;
}

} // namespace

std::vector<pid_t> processes_of_group(pid_t group) {
  const auto all = all_processes();
  std::set<pid_t> members;
  for (std::size_t before = 1; before != members.size();) {
    before = members.size();
    for (const ProcessFacts& one : all) {
      if (one.group == group || members.contains(one.parent)) {
        members.insert(one.process.pid);
      }
    }
  }
  std::vector<pid_t> alive;
  for (const ProcessFacts& one : all) {
    if (one.state != 'Z' && one.state != 'X' && members.contains(one.process.pid)) {
      alive.push_back(one.process.pid);
    }
  }
  return alive;
}

bool await_end_of(const std::vector<pid_t>& processes, Milliseconds patience) {
  std::vector<Descriptor> handles;
  handles.reserve(processes.size());
  for (const pid_t process : processes) {
    handles.emplace_back(open_pidfd(process)); // nothing where it has ended
  }
  const Stopwatch stopwatch;
  return std::all_of(handles.begin(), handles.end(), [&](const Descriptor& handle) {
    const auto left = std::max(patience - stopwatch.elapsed(), Milliseconds(0));
    pollfd watched{handle.number(), POLLIN, 0};
    return !handle || ::poll(&watched, 1, static_cast<int>(left.count())) > 0;
  });
}

std::optional<pid_t> find_group(std::string_view stat) {
  const auto leader = parse_stat(stat);
  if (!leader) {
    return std::nullopt;
  }
  const auto present = identify(leader->process.pid);
  const bool is_anothers = present && *present != leader->process; // the kernel gives no group's number away
  return is_anothers || processes_of_group(leader->process.pid).empty() ? std::nullopt
                                                                        : std::optional(leader->process.pid);
}

} // namespace teal
