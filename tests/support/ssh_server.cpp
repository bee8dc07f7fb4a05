#include "support/ssh_server.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

namespace teal {

namespace fs = std::filesystem;

SshServer::SshServer(Environment environment, const std::string& settings) : m_environment(std::move(environment)) {
  fs::permissions(m_folder.path(), fs::perms(0755)); // sshd looks at who could write to its files
  fs::create_directories("/run/sshd");
  const std::string host_key = make_key("host_key");
  write_file(file("known_hosts"), fmt::format("[127.0.0.1]:{} {}", m_port, host_key));
  write_file(file("config"), fmt::format("{}\nPort {}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nUsePAM no\n"
                                         "PasswordAuthentication no\nPermitRootLogin yes\n",
                                         settings, m_port, file("host_key").string()));
  m_process = start_detached(
      {.arguments = {"/usr/sbin/sshd", "-D", "-e", "-f", file("config").string()}, .environment = m_environment},
      file("log"));
  wait_until([&] { return log().find("Server listening") != std::string::npos; }, std::chrono::seconds(10), "sshd");
}

SshServer::~SshServer() {
  end_process(m_process, std::chrono::seconds(5));
}

void SshServer::drop_connections() const {
  run_or_throw({.arguments = {"pkill", "-KILL", "-P", std::to_string(m_process.pid)}, .environment = m_environment});
}

std::string SshServer::log() const {
  return read_file(file("log"));
}

std::string SshServer::make_key(const std::string& name) const {
  run_or_throw({.arguments = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file(name).string()},
                .environment = m_environment});
  return read_file(file(name + ".pub"));
}

std::vector<std::string> SshServer::client(const std::string& key) const {
  return {"ssh",
          "-F",
          "none",
          "-p",
          std::to_string(m_port),
          "-i",
          file(key).string(),
          "-o",
          "IdentitiesOnly=yes",
          "-o",
          "UserKnownHostsFile=" + file("known_hosts").string(),
          "-o",
          "BatchMode=yes"};
}

std::string SshServer::client_script(const std::string& key) const {
  const auto script = file("ssh-" + key);
  write_file(script,
             fmt::format("#!/bin/sh\necho $$ > {}\nexec {} \"$@\"\n", pid_file().string(), join(client(key), " ")),
             0755);
  return script.string();
}

} // namespace teal
