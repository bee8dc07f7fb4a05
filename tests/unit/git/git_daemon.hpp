/// @file
/// GitDaemon: a real git server for what lies in a folder, on a free port of the loopback, gone when it leaves scope.
#pragma once

#include "process/detached.hpp"
#include "process/subprocess.hpp"
#include "support/wait_until.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace teal::git {

class GitDaemon {
public:
  GitDaemon(const std::filesystem::path& folder, const Environment& environment) : m_port(free_port()) {
    Command command;
    const auto programs = run_or_throw({.arguments = {"git", "--exec-path"},
                                        .directory = {},
                                        .environment = environment,
                                        .input = {},
                                        .on_output = {}})
                              .output;
    command.arguments = {programs.substr(0, programs.find('\n')) + "/git-daemon",
                         "--listen=127.0.0.1",
                         "--port=" + std::to_string(m_port),
                         "--reuseaddr",
                         "--export-all",
                         "--base-path=" + folder.string()};
    command.environment = environment;
    m_process = start_detached(command);
    wait_until([&] { return answers(); }, std::chrono::seconds(20), "git daemon to listen");
  }
  GitDaemon(const GitDaemon&) = delete;
  GitDaemon& operator=(const GitDaemon&) = delete;
  ~GitDaemon() { end_process(m_process, std::chrono::seconds(5)); }

  [[nodiscard]] std::string url(const std::string& path) const {
    return "git://127.0.0.1:" + std::to_string(m_port) + "/" + path;
  }

private:
  static sockaddr_in address(in_port_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return result;
  }

  static in_port_t free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto any = address(0);
    socklen_t size = sizeof any;
    const bool found = ::bind(socket, reinterpret_cast<sockaddr*>(&any), size) == 0 &&
                       ::getsockname(socket, reinterpret_cast<sockaddr*>(&any), &size) == 0;
    ::close(socket);
    if (!found) {
      throw std::runtime_error("there is no free port");
    }
    return ntohs(any.sin_port);
  }

  [[nodiscard]] bool answers() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto there = address(m_port);
    const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    ::close(socket);
    return connected;
  }

  in_port_t m_port;
  ProcessId m_process;
};

} // namespace teal::git
