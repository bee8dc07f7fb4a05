/// @file
/// SshServer: a real sshd on a port of loopback, with host keys of its own, and the keys of those who come.
#pragma once

#include "process/detached.hpp"
#include "process/subprocess.hpp"
#include "support/free_port.hpp"
#include "support/temp_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace teal {

class SshServer {
public:
  /// `settings`: further lines of sshd_config. Each user's authorized_keys is the one in their home, unless these name
  /// another.
  SshServer(Environment environment, const std::string& settings = {});
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;
  ~SshServer();

  /// Makes a pair of keys in our folder: `name`, and `name`.pub. Returns the public one's text.
  std::string make_key(const std::string& name) const;
  /// "ssh -i KEY … ": what to call to come in with that key.
  [[nodiscard]] std::vector<std::string> client(const std::string& key) const;
  /// The same as a script, for git (GIT_SSH). It leaves its process's number in pid_file().
  [[nodiscard]] std::string client_script(const std::string& key) const;

  /// Kills the servers of all who are connected; new ones may come.
  void drop_connections() const;

  [[nodiscard]] std::uint16_t port() const { return m_port; }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return m_folder.path() / name; }
  [[nodiscard]] std::filesystem::path pid_file() const { return file("pid"); }
  [[nodiscard]] std::string log() const;

private:
  Environment m_environment;
  TempFolder m_folder;
  std::uint16_t m_port = free_port();
  ProcessId m_process;
};

} // namespace teal
