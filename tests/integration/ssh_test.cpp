// A push over ssh, by a real sshd: what the pusher sees, and what becomes of a deployment whose pusher goes away.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "process/user.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

#include <csignal>
#include <thread>

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// An sshd of our own on a port of loopback, with keys of its own.
class SshServer {
public:
  explicit SshServer(Environment environment) : m_environment(std::move(environment)) {
    fs::permissions(m_folder.path(), fs::perms(0755)); // sshd looks at who could write to its files
    fs::create_directories("/run/sshd");
    make_key("host_key");
    make_key("user_key");
    fs::copy_file(file("user_key.pub"), file("authorized_keys"));
    write_file(file("known_hosts"), fmt::format("[127.0.0.1]:{} {}", m_port, read_file(file("host_key.pub"))));
    write_file(file("config"), fmt::format("Port {0}\nListenAddress 127.0.0.1\nHostKey {1}/host_key\nPidFile none\n"
                                           "AuthorizedKeysFile {1}/authorized_keys\nStrictModes no\nUsePAM no\n"
                                           "PasswordAuthentication no\nPermitRootLogin yes\n",
                                           m_port, m_folder.path().string()));
    m_process = start_detached(
        {.arguments = {"/usr/sbin/sshd", "-D", "-e", "-f", file("config").string()}, .environment = m_environment},
        file("log"));
    wait_until([&] { return read_file(file("log")).find("Server listening") != std::string::npos; },
               std::chrono::seconds(10), "sshd");
  }
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;
  ~SshServer() { end_process(m_process, std::chrono::seconds(5)); }

  [[nodiscard]] std::string url(const fs::path& repository) const {
    return fmt::format("ssh://{}@127.0.0.1:{}{}", user_name(), m_port, repository.string());
  }
  /// What git calls, with our keys. It leaves its process's number in pid_file().
  [[nodiscard]] std::string client() const {
    const auto script = file("ssh");
    write_file(script,
               fmt::format("#!/bin/sh\necho $$ > {0}/pid\nexec ssh -F none -i {0}/user_key -o UserKnownHostsFile={0}/"
                           "known_hosts -o BatchMode=yes \"$@\"\n",
                           m_folder.path().string()),
               0755);
    return script.string();
  }
  [[nodiscard]] fs::path pid_file() const { return file("pid"); }
  [[nodiscard]] std::string log() const { return read_file(file("log")); }

private:
  [[nodiscard]] fs::path file(const std::string& name) const { return m_folder.path() / name; }
  void make_key(const std::string& name) const {
    run_or_throw({.arguments = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file(name).string()},
                  .environment = m_environment});
  }

  Environment m_environment;
  TempFolder m_folder;
  std::uint16_t m_port = free_port();
  ProcessId m_process;
};

Command ssh_push(const TestHost& host, const SshServer& server, const Project& project, const std::string& app) {
  Command command{.arguments = {"git", "push", server.url(host.repository(app, Color::blue)), "main"},
                  .directory = project.path(),
                  .environment = host.environment(),
                  .deadline = std::chrono::minutes(2)};
  command.environment["GIT_SSH"] = server.client();
  return command;
}

} // namespace

TEST_CASE("a push over ssh shows each step as it ends, and no escape codes where git shows none") {
  TestHost host;
  const SshServer server(host.environment());
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  const Outcome pushed = run(ssh_push(host, server, project, app));
  INFO(pushed.tail << "\n" << server.log());
  CHECK(pushed.succeeded());
  CHECK_THAT(pushed.tail, ContainsSubstring("remote: deployment 1 goes on if you leave"));
  for (const char* step : {"checkout ", "build ", "publish ", "pull ", "start ", "check ", "ready in "}) {
    CHECK_THAT(pushed.tail, ContainsSubstring(fmt::format("remote: {}", step)));
  }
  CHECK(pushed.tail.find("\x1b[3") == std::string::npos);
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}

TEST_CASE("a pusher whose connection is cut, or who stops reading, stops no deployment") {
  const int signal = GENERATE(SIGKILL, SIGSTOP);
  TestHost host;
  const SshServer server(host.environment());
  const std::string app = host.create_app();
  const Project project(host, {"--delay", "2"});
  project.commit("v1");
  Command command = ssh_push(host, server, project, app);
  pid_t ssh = 0;
  bool was_cut_off = false;
  std::string seen;
  command.on_output = [&](std::string_view text) {
    seen += text;
    if (!was_cut_off && seen.find("goes on if you leave") != std::string::npos) {
      was_cut_off = true;
      ssh = static_cast<pid_t>(parse_integer(trim(read_file(server.pid_file()))).value());
      ::kill(ssh, signal);
    }
  };
  std::thread pusher([&] { static_cast<void>(run(command)); });
  try {
    wait_until([&] { return host.answer(app, Color::blue) == "v1 blue"; }, std::chrono::minutes(1), "the deployment");
  } catch (const std::exception& error) {
    FAIL_CHECK(error.what());
  }
  if (signal == SIGSTOP && ssh > 0) {
    ::kill(ssh, SIGKILL);
  }
  pusher.join();
  INFO(seen);
  CHECK(was_cut_off);
  CHECK(seen.find("ready in ") == std::string::npos);
  wait_until(
      [&] {
        return host.tealhook_ok({"history", app}).find("ready") != std::string::npos;
      },
      std::chrono::seconds(20), "the deployment's end");
  CHECK_THAT(host.tealhook_ok({"logs", app}), ContainsSubstring("ready in "));
}
