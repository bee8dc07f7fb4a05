#include "engine/ssh_tunnel.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "host/socket_peer.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"

#include <fmt/format.h>
#include <sys/un.h>

namespace teal::engine {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds k_patience = std::chrono::seconds(30);
constexpr std::size_t k_room_of_ssh = 24; ///< it makes the control socket under a longer name first

/// ssh reads the name of a file with %-tokens.
std::string escaped(const fs::path& file) {
  std::string text;
  for (const char c : file.string()) {
    text += c == '%' ? std::string("%%") : std::string(1, c);
  }
  return text;
}

std::string quoted_option(std::string_view name, const fs::path& file) {
  return fmt::format("{}=\"{}\"", name, escaped(file));
}

fs::path beside(const fs::path& socket, std::string_view ending) {
  fs::path file = socket;
  return file += ending;
}

} // namespace

/// What leads elsewhere, or goes another way, has another name.
SshTunnel::SshTunnel(Way way) : m_way(std::move(way)) {
  const EngineUrl& url = m_way.url;
  const std::string facts =
      fmt::format("{}@{}:{}{}\n{}\n{}", url.user, url.host, url.port, url.path, m_way.key, m_way.known_hosts);
  m_socket = m_way.folder / fmt::format("ssh-{:016x}", fingerprint(facts));
}

void SshTunnel::open() const {
  if (m_socket.string().size() + k_room_of_ssh > sizeof(sockaddr_un::sun_path)) {
    throw Error(ErrorKind::environment,
                fmt::format("the path of the home is too long for a socket in '{}'", m_way.folder.string()));
  }
  files::create_directories(m_way.folder);
  const auto lock = FileLock::acquire_any({beside(m_socket, ".lock")}, k_patience);
  if (!lock) {
    throw Error(ErrorKind::busy, fmt::format("another command is connecting to '{}'; try again", m_way.url.host));
  }
  if (find_listener(m_socket)) {
    return;
  }
  files::remove(beside(m_socket, ".ctl"));
  const Outcome outcome = run({.arguments = command(),
                               .directory = "/", // which it stays in
                               .environment = m_way.environment,
                               .deadline = k_patience,
                               .leave_background = true});
  if (!outcome.succeeded()) {
    const std::string words = printable(last_lines(trim(outcome.tail), 1));
    throw Error(ErrorKind::environment, fmt::format("cannot reach the engine's host '{}' by ssh: {}", m_way.url.host,
                                                    words.empty() ? outcome.how_it_ended(k_patience) : words));
  }
}

std::vector<std::string> SshTunnel::command() const {
  std::vector<std::string> arguments{"ssh", "-f", "-N", "-T"};
  const auto add = [&](std::string option) {
    arguments.emplace_back("-o");
    arguments.push_back(std::move(option));
  };
  for (const char* option :
       {"BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ForwardAgent=no", "ForwardX11=no",
        "ConnectTimeout=10", "ServerAliveInterval=5", "ServerAliveCountMax=3", "ExitOnForwardFailure=yes",
        "StreamLocalBindUnlink=yes", "StreamLocalBindMask=0177", "ControlMaster=yes", "ControlPersist=10m"}) {
    add(option);
  }
  add(quoted_option("ControlPath", beside(m_socket, ".ctl")));
  if (!m_way.key.empty()) {
    add("IdentitiesOnly=yes");
    add(quoted_option("IdentityFile", m_way.key));
  }
  if (!m_way.known_hosts.empty()) {
    add("GlobalKnownHostsFile=/dev/null");
    add(quoted_option("UserKnownHostsFile", m_way.known_hosts));
  }
  const EngineUrl& url = m_way.url;
  if (url.port != 0) {
    arguments.insert(arguments.end(), {"-p", std::to_string(url.port)});
  }
  arguments.insert(arguments.end(), {"-L", fmt::format("{}:{}", escaped(m_socket), escaped(url.path)), "--",
                                     url.user.empty() ? url.host : url.user + "@" + url.host});
  return arguments;
}

} // namespace teal::engine
