#include "host/socket_table.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_listen_state = "0A"; // TCP_LISTEN of the kernel's tcp_states.h

bool is_loopback(std::string_view hex_address) {
  const bool v4 = hex_address.size() == 8; // in host byte order: 127.0.0.1 is 0100007F
  return v4 ? hex_address.ends_with("7F") : hex_address == "00000000000000000000000001000000";
}

/// A line of /proc/net/tcp: "sl local_address rem_address st tx:rx tr:tm->when retrnsmt uid timeout inode …".
std::optional<TcpListener> parse_line(const std::string& line) {
  std::istringstream fields(line);
  std::string slot;
  std::string local;
  std::string remote;
  std::string state;
  std::string skipped;
  TcpListener listener;
  fields >> slot >> local >> remote >> state >> skipped >> skipped >> skipped >> skipped >> skipped >> listener.inode;
  const auto colon = local.find(':');
  if (!fields || state != k_listen_state || colon == std::string::npos) {
    return std::nullopt;
  }
  listener.loopback = is_loopback(std::string_view(local).substr(0, colon));
  const auto parsed = std::from_chars(local.data() + colon + 1, local.data() + local.size(), listener.port, 16);
  return parsed.ec == std::errc() ? std::optional(listener) : std::nullopt;
}

using Counters = std::map<std::string, std::uint64_t>;

/// /proc/net/snmp has two lines a protocol: "Tcp: ActiveOpens PassiveOpens …" and "Tcp: 1 2 …".
Counters read_counters(std::istream& lines) {
  Counters counters;
  std::string names_line;
  std::string values_line;
  while (std::getline(lines, names_line) && std::getline(lines, values_line)) {
    std::istringstream names(names_line);
    std::istringstream values(values_line);
    std::string protocol;
    std::string name;
    std::int64_t value = 0; // some are -1
    names >> protocol;
    values >> name;
    while (names >> name && values >> value) {
      counters[protocol + name] = static_cast<std::uint64_t>(value);
    }
  }
  return counters;
}

/// Whether any of these is more than none, as the kernel counts in the network namespace of `pid`.
std::optional<bool> has_counted(pid_t pid, std::initializer_list<const char*> names) {
  std::ifstream lines(fmt::format("/proc/{}/net/snmp", pid));
  const Counters counters = read_counters(lines);
  if (counters.empty()) {
    return std::nullopt;
  }
  return std::any_of(names.begin(), names.end(), [&](const char* name) {
    const auto found = counters.find(name);
    return found != counters.end() && found->second > 0;
  });
}

} // namespace

std::optional<bool> has_reached_out(pid_t pid) {
  return has_counted(pid, {"Tcp:ActiveOpens", "Udp:OutDatagrams", "Ip:OutNoRoutes"});
}

std::optional<bool> has_found_no_route(pid_t pid) {
  return has_counted(pid, {"Ip:OutNoRoutes"});
}

std::vector<int> descriptors_of(pid_t process, const std::set<std::uint64_t>& inodes) {
  std::set<std::string> links; // what such a descriptor leads to in /proc
  for (const std::uint64_t inode : inodes) {
    links.insert(fmt::format("socket:[{}]", inode));
  }
  std::vector<int> numbers;
  std::error_code hidden;
  for (fs::directory_iterator entry(fmt::format("/proc/{}/fd", process), hidden);
       !hidden && entry != fs::directory_iterator(); entry.increment(hidden)) {
    std::error_code closed;
    const auto number = parse_integer(entry->path().filename().string());
    if (number && links.contains(fs::read_symlink(entry->path(), closed).string())) {
      numbers.push_back(static_cast<int>(*number));
    }
  }
  return numbers;
}

std::vector<TcpListener> tcp_listeners(pid_t pid) {
  std::vector<TcpListener> listeners;
  for (const char* table : {"tcp", "tcp6"}) {
    std::ifstream lines(fmt::format("/proc/{}/net/{}", pid, table));
    std::string line;
    std::getline(lines, line); // the columns' names
    std::optional<TcpListener> listener;
    while (std::getline(lines, line) && (listener = parse_line(line))) { // those that listen come first, of many
      listeners.push_back(*listener);
    }
  }
  return listeners;
}

} // namespace teal
