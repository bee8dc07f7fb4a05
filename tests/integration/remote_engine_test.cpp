// An engine on another host, which here is another engine of this one that is spoken to in no other way: by ssh and by
// TLS.
#include "core/text.hpp"
#include "process/detached.hpp"
#include "process/files.hpp"
#include "process/user.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/ssh_server.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// It publishes ports by processes of its own, and leaves the kernel's tables to the engine that is here already.
class OtherEngine {
public:
  /// `options`: further ones, such as another place to listen at.
  explicit OtherEngine(const std::vector<std::string>& options = {}) {
    run_or_throw(ip({"link", "add", k_bridge, "type", "bridge"}));
    run_or_throw(ip({"address", "add", "10.198.0.1/24", "dev", k_bridge}));
    std::vector<std::string> arguments{"/usr/sbin/dockerd",
                                       "--host=" + host(),
                                       "--data-root=" + (m_folder.path() / "data").string(),
                                       "--exec-root=" + m_run.string(),
                                       "--pidfile=" + (m_folder.path() / "pid").string(),
                                       fmt::format("--bridge={}", k_bridge),
                                       "--iptables=false"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    m_process = start_detached({.arguments = std::move(arguments), .environment = clean_environment()}, log());
    wait_until([&] { return run({"version"}).succeeded(); }, k_patience, "the other engine");
  }
  OtherEngine(const OtherEngine&) = delete;
  OtherEngine& operator=(const OtherEngine&) = delete;
  ~OtherEngine() {
    end_process(m_process, k_patience);
    static_cast<void>(teal::run(ip({"link", "delete", k_bridge})));
    fs::remove_all(m_run);
  }

  [[nodiscard]] fs::path socket() const { return m_run / "docker.sock"; }
  [[nodiscard]] Outcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"docker", "--host", host()});
    return teal::run({.arguments = std::move(arguments), .environment = clean_environment()});
  }
  [[nodiscard]] bool has_container(const std::string& name) const {
    return !run({"ps", "--quiet", "--filter", "name=" + name}).output.empty();
  }

private:
  static constexpr const char* k_bridge = "other-engine0"; ///< with none, it would delete that of the engine here

  [[nodiscard]] static Command ip(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ip");
    return {.arguments = std::move(arguments), .environment = clean_environment()};
  }
  [[nodiscard]] std::string host() const { return "unix://" + socket().string(); }
  [[nodiscard]] fs::path log() const { return m_folder.path() / "log"; }

  TempFolder m_folder;
  fs::path m_run = fmt::format("/run/other-engine-{}", ::getpid());
  ProcessId m_process;
};

/// An authority, and what it vouches for.
class Authority {
public:
  Authority() {
    fs::permissions(m_folder.path(), fs::perms(0755));
    make("ca", {});
    for (const char* name : {"server", "client"}) {
      make(name, {"-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-addext", "basicConstraints=critical,CA:FALSE"});
    }
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (m_folder.path() / name).string(); }

private:
  void make(const std::string& name, const std::vector<std::string>& options) const {
    std::vector<std::string> arguments{"openssl",
                                       "req",
                                       "-x509",
                                       "-newkey",
                                       "ec",
                                       "-pkeyopt",
                                       "ec_paramgen_curve:P-256",
                                       "-nodes",
                                       "-subj",
                                       "/CN=" + name,
                                       "-addext",
                                       "subjectAltName=IP:127.0.0.1",
                                       "-keyout",
                                       file(name + ".key"),
                                       "-out",
                                       file(name + ".crt")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    run_or_throw({.arguments = std::move(arguments), .environment = clean_environment()});
  }

  TempFolder m_folder;
};

/// A home whose engine is reached as `engine` says, which is gone after the home.
class RemoteApp {
public:
  RemoteApp(const std::string& router, const std::string& engine) : m_host(router) {
    m_host.use_engine(engine);
    m_name = m_host.create_app();
  }
  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& name() const { return m_name; }
  [[nodiscard]] fs::path live() const { return m_host.home().app(m_name).live_repository(); }
  [[nodiscard]] const Project& project() const { return m_project; }
  /// What the pusher is told, who pushes `version` to `repository`.
  [[nodiscard]] std::string push(const std::string& version, const fs::path& repository) const {
    m_project.commit(version);
    std::string told = m_project.push(repository).tail;
    m_host.await_rest(m_name);
    return told;
  }

private:
  TestHost m_host;
  std::string m_name;
  Project m_project{m_host};
};

} // namespace

TEST_CASE("by ssh a router here reaches what runs there, and a connection that breaks off leaves what serves") {
  const OtherEngine other;
  const TempFolder folder;
  fs::permissions(folder.path(), fs::perms(0755));
  const fs::path authorized = folder.path() / "authorized";
  const SshServer server(clean_environment(),
                         fmt::format("AuthorizedKeysFile {}\nStrictModes no", authorized.string()));
  const std::string address =
      fmt::format("ssh://{}@127.0.0.1:{}{}", user_name(), server.port(), other.socket().string());
  server.make_key("key");
  const RemoteApp app("haproxy", fmt::format("{}, key: {}, known_hosts: {}", address, server.file("key").string(),
                                             server.file("known_hosts").string()));
  CHECK_THAT(app.host().tealhook({"check"}).tail,
             ContainsSubstring("by ssh: ") && ContainsSubstring("Permission denied"));
  files::copy(server.file("key.pub"), authorized);

  CHECK_THAT(app.push("v1", app.live()), ContainsSubstring("live in "));
  CHECK_THAT(app.host().live_answer(app.name()), Catch::Matchers::StartsWith("v1 "));
  CHECK_THAT(app.push("v2", app.live()), ContainsSubstring("live in "));
  CHECK_THAT(app.host().live_answer(app.name()), Catch::Matchers::StartsWith("v2 "));
  app.host().tealhook_ok({"switch", app.name()});
  CHECK_THAT(app.host().live_answer(app.name()), Catch::Matchers::StartsWith("v1 "));
  CHECK(other.has_container(app.name() + "-blue"));
  CHECK(app.host().docker({"ps", "--all", "--quiet", "--filter", "name=" + app.name()}).empty());
  CHECK_THAT(app.host().tealhook_ok({"check"}), ContainsSubstring("the engine's host reaches localhost:"));

  app.host().set_settings(app.name(), "deploy: {before_switch: [[/program, --sleep, '60']]}");
  app.project().commit("v3");
  const Background push({.arguments = {"git", "push", app.live().string(), "main"},
                         .directory = app.project().path(),
                         .environment = app.host().environment()});
  wait_until([&] { return other.has_container(".task"); }, k_patience, "the task");
  server.drop_connections();
  CHECK_THAT(push.finish(),
             ContainsSubstring("lost the engine at '" + address + "'") && ContainsSubstring("still runs"));
  app.host().await_rest(app.name());
  CHECK_THAT(app.host().live_answer(app.name()), Catch::Matchers::StartsWith("v1 "));
  CHECK_FALSE(other.has_container(".task"));
  app.host().set_settings(app.name(), "");
  CHECK_THAT(app.push("v4", app.live()), ContainsSubstring("live in "));
  CHECK_THAT(app.host().live_answer(app.name()), Catch::Matchers::StartsWith("v4 "));
}

TEST_CASE("by TLS a color's port is that of the engine's host, which wants to know who asks") {
  const Authority authority;
  const std::uint16_t port = free_port();
  const OtherEngine other({fmt::format("--host=tcp://127.0.0.1:{}", port), "--tlsverify",
                           "--tlscacert=" + authority.file("ca.crt"), "--tlscert=" + authority.file("server.crt"),
                           "--tlskey=" + authority.file("server.key")});
  const std::string engine = fmt::format("tcp://127.0.0.1:{}, ca: {}", port, authority.file("ca.crt"));
  const std::string as_client =
      fmt::format("{}, certificate: {}, key: {}", engine, authority.file("client.crt"), authority.file("client.key"));
  const RemoteApp app("none", as_client);
  const auto blue = app.host().repository(app.name(), Color::blue);
  for (const char* version : {"v1", "v2"}) {
    const std::string url = fmt::format("http://127.0.0.1:{}/", app.host().port(app.name(), Color::blue));
    CHECK_THAT(app.push(version, blue), ContainsSubstring("ready in ") && ContainsSubstring(url));
    CHECK(app.host().answer(app.name(), Color::blue) == fmt::format("{} blue", version));
  }
  CHECK(other.has_container(app.name() + "-blue"));
  CHECK(app.host().tealhook({"exec", app.name(), "--color", "blue", "--", "/program", "--exit", "5"}).exit_code == 5);

  app.host().use_engine(engine);
  CHECK_THAT(app.host().tealhook({"check"}).tail, ContainsSubstring("it wants a certificate of ours that it trusts"));
  app.host().use_engine(fmt::format("tcp://127.0.0.1:{}, ca: /etc/ssl/certs/ca-certificates.crt", port));
  CHECK_THAT(app.host().tealhook({"check"}).tail, ContainsSubstring("its certificate is refused: "));
  app.host().use_engine(as_client);
}
