// A push over ssh, by a real sshd: what the pusher sees, and what becomes of a deployment whose pusher goes away.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/user.hpp"
#include "support/catch.hpp"
#include "support/ssh_server.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

#include <csignal>
#include <thread>

using namespace teal;

namespace {

/// Where root comes in with "user_key".
class PlainServer {
public:
  explicit PlainServer(const Environment& environment)
      : m_server(environment,
                 fmt::format("AuthorizedKeysFile {}/user_key.pub\nStrictModes no", m_keys.path().string())) {
    write_file(m_keys.path() / "user_key.pub", m_server.make_key("user_key"));
  }

  [[nodiscard]] std::string url(const std::filesystem::path& repository) const {
    return fmt::format("ssh://{}@127.0.0.1:{}{}", user_name(), m_server.port(), repository.string());
  }
  [[nodiscard]] std::string client() const { return m_server.client_script("user_key"); }
  [[nodiscard]] std::filesystem::path pid_file() const { return m_server.pid_file(); }
  [[nodiscard]] std::string log() const { return m_server.log(); }

private:
  TempFolder m_keys;
  SshServer m_server;
};

Command ssh_push(const TestHost& host, const PlainServer& server, const Project& project, const std::string& app) {
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
  const PlainServer server(host.environment());
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
  const PlainServer server(host.environment());
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
