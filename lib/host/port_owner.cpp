#include "host/port_owner.hpp"

#include "core/text.hpp"
#include "host/socket_table.hpp"
#include "process/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace teal {

namespace {

namespace fs = std::filesystem;

} // namespace

std::optional<PortOwner> find_port_owner(std::uint16_t port) {
  std::set<std::uint64_t> sockets;
  for (const TcpListener& listener : tcp_listeners(::getpid())) {
    if (listener.port == port) {
      sockets.insert(listener.inode);
    }
  }
  if (sockets.empty()) {
    return std::nullopt;
  }
  for (const std::string& process : files::names_in("/proc")) {
    const auto pid = parse_integer(process);
    if (pid && !descriptors_of(static_cast<pid_t>(*pid), sockets).empty()) {
      return PortOwner{.pid = static_cast<pid_t>(*pid), .program = program_of(static_cast<pid_t>(*pid))};
    }
  }
  return PortOwner{};
}

std::string describe(const PortOwner& owner) {
  return owner.pid == 0 ? "another user's program" : fmt::format("pid {} ({})", owner.pid, owner.program);
}

std::string program_of(pid_t pid) {
  const fs::path process = fmt::format("/proc/{}", pid);
  std::error_code hidden;
  const std::string file = fs::read_symlink(process / "exe", hidden).filename().string();
  if (!hidden) {
    return file.substr(0, file.find(" (deleted)")); // the kernel's mark after an upgrade of the program
  }
  std::string name;
  std::getline(std::ifstream(process / "comm") >> std::ws, name);
  return name;
}

} // namespace teal
