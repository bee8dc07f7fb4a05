#include "core/error.hpp"
#include "engine/ssh_tunnel.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <fmt/format.h>

using namespace teal;
using engine::SshTunnel;

namespace {

/// A program in place of ssh, which writes down what it is asked for.
class Ssh {
public:
  explicit Ssh(const std::string& script) {
    write_file(m_folder.path() / "ssh", "#!/bin/sh\nprintf '%s\\n' \"$@\" >" + log() + "\n" + script, 0755);
  }
  [[nodiscard]] SshTunnel::Way way(const std::string& url) const {
    return {.url = EngineUrl::parse(url).value(),
            .key = "/e/100%/id",
            .known_hosts = "/e/known",
            .folder = m_folder.path() / "cache",
            .environment = {{"PATH", m_folder.path().string() + ":/usr/bin:/bin"}}};
  }
  [[nodiscard]] std::string log() const { return (m_folder.path() / "log").string(); }

private:
  TempFolder m_folder;
};

} // namespace

TEST_CASE("ssh is told whom it may believe, where to go, and to ask nobody") {
  const Ssh ssh("exit 0");
  const SshTunnel tunnel(ssh.way("ssh://deploy@engine:2222/run/x.sock"));
  tunnel.open();
  const std::string asked = read_file(ssh.log());
  for (const char* word : {"BatchMode=yes", "StrictHostKeyChecking=yes", "IdentityFile=\"/e/100%%/id\"",
                           "UserKnownHostsFile=\"/e/known\"", "-p\n2222\n", "--\ndeploy@engine\n"}) {
    CHECK_THAT(asked, ContainsSubstring(word));
  }
  CHECK_THAT(asked, ContainsSubstring(fmt::format("-L\n{}:/run/x.sock\n", tunnel.socket().string())));
}

TEST_CASE("what ssh says last is why there is no way to the engine") {
  const Ssh ssh("echo 'deploy@engine: Permission denied (publickey).' >&2\nexit 255");
  CHECK_THROWS_WITH(SshTunnel(ssh.way("ssh://deploy@engine")).open(),
                    "cannot reach the engine's host 'engine' by ssh: deploy@engine: Permission denied (publickey).");
}

TEST_CASE("another way to the same host has another socket, the same way the same") {
  const Ssh ssh("exit 0");
  const auto socket = [&](const std::string& url) { return SshTunnel(ssh.way(url)).socket(); };
  CHECK(socket("ssh://a@engine") == socket("ssh://a@engine"));
  CHECK(socket("ssh://a@engine") != socket("ssh://b@engine"));
  CHECK(socket("ssh://a@engine") != socket("ssh://a@engine/run/x.sock"));
}

TEST_CASE("a folder whose path leaves no room for sockets is told") {
  const Ssh ssh("exit 0");
  SshTunnel::Way way = ssh.way("ssh://engine");
  way.folder /= std::string(80, 'x');
  CHECK_THROWS_WITH(SshTunnel(way).open(), ContainsSubstring("too long for a socket"));
}
