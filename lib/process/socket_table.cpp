#include "process/socket_table.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace teal {

namespace {

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

} // namespace

std::vector<TcpListener> tcp_listeners(pid_t pid) {
  std::vector<TcpListener> listeners;
  for (const char* table : {"tcp", "tcp6"}) {
    std::ifstream lines(fmt::format("/proc/{}/net/{}", pid, table));
    std::string line;
    while (std::getline(lines, line)) {
      if (const auto listener = parse_line(line)) {
        listeners.push_back(*listener);
      }
    }
  }
  return listeners;
}

} // namespace teal
