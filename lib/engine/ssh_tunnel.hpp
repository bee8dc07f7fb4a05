/// @file
/// SshTunnel: the socket of an engine on another host, brought here by ssh.
///
/// One ssh of the home holds the connection for all of its processes, so that a call costs no handshake: it forwards a
/// private socket of ours to the one over there, and ends by itself once nobody has used it for a while. Whoever finds
/// it gone starts it anew.
///
/// Invariant: the other host's key must be known already, and nothing is ever asked of a person.
#pragma once

#include "model/engine_url.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace teal::engine {

class SshTunnel {
public:
  struct Way {
    EngineUrl url;                ///< by ssh
    std::string key;              ///< its file; empty: what ssh itself takes
    std::string known_hosts;      ///< a file; empty: the user's own
    std::filesystem::path folder; ///< where sockets may be made
    Environment environment;      ///< of ssh
  };

  explicit SshTunnel(Way way);

  /// Ours, whether it is there or not.
  [[nodiscard]] const std::filesystem::path& socket() const { return m_socket; }
  /// Sees to it that somebody listens there, within half a minute: what is undone needs it as well, so nobody
  /// interrupts it. Throws Error(environment) with ssh's own reason.
  void open() const;

private:
  [[nodiscard]] std::vector<std::string> command() const;

  Way m_way;
  std::filesystem::path m_socket;
};

} // namespace teal::engine
