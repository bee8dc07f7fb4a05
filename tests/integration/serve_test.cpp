// The daemon: what a forge's deliveries over real HTTP come to, and what signals, kills and full disks change of it.
#include "http/client.hpp"
#include "http/hmac.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "route/router_process.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/free_port.hpp"
#include "support/https.hpp"
#include "support/served_app.hpp"
#include "support/small_disk.hpp"
#include "support/wait_until.hpp"
#include "unit/http/raw_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include <csignal>
#include <optional>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const std::string k_secret = "It's a Secret to Everybody";

std::string settings_of(const std::string& rules, const fs::path& remote) {
  return fmt::format("{}\nsources: [{{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: {}}}]\n",
                     rules, remote.string());
}

/// An app whose source is a repository beside the home, and the daemon that is told when that changes.
class Scene {
public:
  explicit Scene(const std::string& router = "none", std::string_view rules = "rules: [{branch: main, deploy: blue}]")
      : m_host(router), m_app(m_host.create_app()), m_project(m_host),
        m_listen(m_host.home().settings(), "#listen: 127.0.0.1:8888", fmt::format("listen: 127.0.0.1:{}", m_port)) {
    m_project.git({"init", "--quiet", "--bare", remote().string()});
    write_file(m_host.home().app(m_app).root / "hub.secret", k_secret + "\n", 0600);
    m_host.set_settings(m_app, settings_of(std::string(rules), remote()));
    fs::permissions(m_folder.path(), fs::perms(0755));
  }
  ~Scene() {
    stop();
    m_host.await_rest(m_app);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] std::uint16_t port() const { return m_port; }
  [[nodiscard]] fs::path remote() const { return m_folder.path() / "remote.git"; }
  [[nodiscard]] fs::path file(const std::string& name) const { return m_folder.path() / name; }
  [[nodiscard]] std::string log() const { return fs::exists(file("log")) ? read_file(file("log")) : ""; }

  /// Returns once it listens.
  void start(const std::string& scheme = "http") {
    fs::remove(file("log"));
    m_daemon = start_detached({.arguments = {TestHost::tool().string(), "serve"}, .environment = m_host.environment()},
                              file("log"));
    const std::string words = fmt::format("url={}://127.0.0.1:{}", scheme, m_port);
    wait_until([&] { return log().find(words) != std::string::npos || !is_alive(*m_daemon); }, k_patience, words);
    INFO(log());
    REQUIRE(is_alive(*m_daemon));
  }
  void signal(int number) const { ::kill(m_daemon.value().pid, number); }
  void await_end() const {
    wait_until([&] { return !is_alive(*m_daemon); }, k_patience, "the daemon's end");
  }
  void kill() const {
    signal(SIGKILL);
    await_end();
  }
  void stop() const {
    if (m_daemon) {
      end_process(*m_daemon, k_patience);
    }
  }
  void await_log(const std::string& words) const {
    wait_until([&] { return log().find(words) != std::string::npos; }, k_patience, words + ", of:\n" + log());
  }

  /// Commits, and pushes to where the source is. Returns the commit.
  [[nodiscard]] std::string publish(const std::string& version) const {
    std::string commit = m_project.commit(version);
    m_project.git({"push", "--quiet", "--force", remote().string(), "main"});
    return commit;
  }
  [[nodiscard]] static std::string payload_of(const std::string& commit, const std::string& more = "") {
    return fmt::format(R"({{"ref":"refs/heads/main","before":"{}","after":"{}",)"
                       R"("repository":{{"full_name":"ada/shop"}},"pusher":{{"name":"ada"}}{}}})",
                       std::string(40, 'a'), commit, more);
  }
  [[nodiscard]] static http::Headers headers_of(const std::string& payload, const std::string& id,
                                                const std::string& secret = k_secret) {
    return {{"Content-Type", "application/json"},
            {"X-GitHub-Event", "push"},
            {"X-GitHub-Delivery", id},
            {"X-Hub-Signature-256", "sha256=" + http::hmac_hex(http::Hash::sha256, secret, payload)}};
  }
  [[nodiscard]] http::Response deliver(const std::string& payload, const http::Headers& headers) const {
    return http::Client({.kind = http::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = m_port})
        .request({.method = "POST", .target = fmt::format("/hook/{}/hub", m_app), .headers = headers, .body = payload});
  }
  [[nodiscard]] http::Response deliver(const std::string& commit, const std::string& id) const {
    const std::string payload = payload_of(commit);
    return deliver(payload, headers_of(payload, id));
  }
  [[nodiscard]] http::Response get(const std::string& path) const {
    return http::Client({.kind = http::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = m_port})
        .request({.target = path, .headers = {}, .body = {}});
  }
  void await_answer(const std::string& answer) const {
    wait_until([&] { return m_host.answer(m_app, Color::blue) == answer; }, k_patience, answer + ", of:\n" + log());
  }
  [[nodiscard]] std::vector<Deployment> deployments() const {
    Database database(m_host.home().store());
    return History(database).deployments(m_app, 100);
  }

private:
  std::uint16_t m_port = free_port();
  TempFolder m_folder;
  TestHost m_host;
  std::string m_app;
  Project m_project;
  ChangedFile m_listen;
  std::optional<ProcessId> m_daemon;
};

std::string event_of(const http::Response& response) {
  return std::string(std::string_view(json::parse(response.body).at("event").as_string()));
}

} // namespace

TEST_CASE("a signed push of a forge is deployed once, and what is not signed is refused") {
  Scene scene;
  scene.start();
  const std::string commit = scene.publish("v1");
  const std::string payload = Scene::payload_of(commit);
  CHECK(scene.deliver(payload, Scene::headers_of(payload, "1", "guessed")).status == 401);
  const http::Response accepted = scene.deliver(commit, "1");
  CHECK(accepted.status == 202);
  const http::Response again = scene.deliver(commit, "1");
  CHECK(again.status == 200);
  CHECK(event_of(again) == event_of(accepted));
  scene.await_answer("v1 blue");
  CHECK(scene.deliver(commit, "2").status == 202); // of what is there already
  const std::string second = scene.publish("v2");
  CHECK(scene.deliver(commit, "3").status == 202); // older than what the source has now
  scene.await_answer("v2 blue");
  CHECK(scene.deployments().front().event.new_commit == second);
  CHECK(scene.deployments().front().event.who == "source:hub");
  scene.host().await_rest(scene.app());
  CHECK(scene.deployments().size() == 2);
  CHECK(scene.get("/healthz").status == 200);
  CHECK(scene.get("/other").status == 404);
  const std::string metrics = scene.get("/metrics").body;
  CHECK_THAT(metrics, ContainsSubstring("tealhook_deployments_total{outcome=\"ready\"} 2\n") &&
                          ContainsSubstring("tealhook_http_requests_total{route=\"/hook\",status=\"202\"} 3\n"));
}

TEST_CASE("a delivery that was accepted is deployed though the daemon was killed before") {
  Scene scene;
  scene.start();
  const std::string commit = scene.publish("v1");
  REQUIRE(scene.get("/healthz").status == 200);
  REQUIRE(scene.deliver("not the secret's", Scene::headers_of("", "0")).status == 401); // the sources are read now
  {
    const ChangedFile broken(scene.host().home().app(scene.app()).settings(), "sources:", "sorces:");
    CHECK(scene.deliver(commit, "1").status == 202);
    scene.await_log("is tried again");
    scene.kill();
  }
  CHECK(scene.deployments().empty());
  scene.start();
  scene.await_answer("v1 blue");
  CHECK(scene.deliver(commit, "1").status == 200);
}

TEST_CASE("a deployment goes on while the daemon is killed and another one serves") {
  Scene scene;
  scene.start();
  REQUIRE(scene.deliver(scene.publish("v1"), "1").status == 202);
  wait_until([&] { return !scene.deployments().empty() && scene.deployments().front().status != Status::queued; },
             k_patience, "the deployment to begin");
  scene.kill();
  scene.await_answer("v1 blue");
  scene.start();
  scene.host().await_rest(scene.app());
  CHECK(scene.deployments().size() == 1);
  CHECK(scene.deployments().front().status == Status::ready);
  CHECK(scene.deployments().front().attempts == 1);
}

TEST_CASE("settings are read anew with SIGHUP and bad ones change nothing") {
  Scene scene;
  scene.start();
  {
    const ChangedFile broken(scene.host().home().settings(), "serve:", "serv:");
    scene.signal(SIGHUP);
    scene.await_log("it goes on with the settings that it had");
    CHECK(scene.get("/healthz").status == 200);
  }
  const std::uint16_t other = free_port();
  const ChangedFile moved(scene.host().home().settings(), fmt::format("listen: 127.0.0.1:{}", scene.port()),
                          fmt::format("listen: 127.0.0.1:{}", other));
  scene.signal(SIGHUP);
  scene.await_log(fmt::format("url=http://127.0.0.1:{}", other));
  scene.await_log("the settings were read anew");
  CHECK_THAT(http_get(other, "/healthz"), ContainsSubstring("ok"));
  CHECK(http_get(scene.port(), "/healthz").empty());
}

TEST_CASE("a renewed certificate is used without a restart and a broken one is not") {
  Scene scene;
  const TestCertificate files = make_certificate(scene.file(""), "hooks.test");
  const ChangedFile tls(
      scene.host().home().settings(), "serve:\n",
      fmt::format("serve:\n  certificate: {}\n  key: {}\n", files.certificate.string(), files.key.string()));
  scene.start("https");
  const auto health = [&](const std::string& trusted) {
    return https_get("hooks.test", scene.port(), scene.file(trusted), "/healthz");
  };
  fs::copy(files.certificate, scene.file("first.crt"));
  CHECK_THAT(health("first.crt"), ContainsSubstring("ok"));
  write_file(files.certificate, "no certificate\n");
  scene.signal(SIGHUP);
  scene.await_log("it goes on with the settings that it had");
  CHECK_THAT(health("first.crt"), ContainsSubstring("ok"));
  static_cast<void>(make_certificate(scene.file(""), "hooks.test"));
  scene.signal(SIGHUP);
  scene.await_log("the settings were read anew");
  CHECK_THAT(health("hooks.test.crt"), ContainsSubstring("ok"));
  CHECK(health("first.crt").empty());
}

TEST_CASE("told to end it answers what has begun and no more") {
  Scene scene;
  scene.start();
  const std::string payload = Scene::payload_of(scene.publish("v1"));
  std::string head =
      fmt::format("POST /hook/{}/hub HTTP/1.1\r\nHost: hooks\r\nContent-Length: {}\r\n", scene.app(), payload.size());
  for (const auto& [name, value] : Scene::headers_of(payload, "1")) {
    head += fmt::format("{}: {}\r\n", name, value);
  }
  RawClient idle(scene.port());
  RawClient sender(scene.port());
  REQUIRE(sender.send(head + "\r\n" + payload.substr(0, 10)));
  REQUIRE(scene.get("/healthz").status == 200); // so that those before have been seen
  scene.signal(SIGTERM);
  scene.await_log("ends: no more is accepted");
  wait_until([&] { return http_get(scene.port(), "/healthz").empty(); }, k_patience, "no more to be accepted");
  REQUIRE(sender.send(payload.substr(10)));
  CHECK_THAT(sender.receive_response(), ContainsSubstring("202 Accepted"));
  scene.await_end();
  CHECK_THAT(scene.log(), ContainsSubstring("has ended\n"));
  scene.start();
  scene.await_answer("v1 blue");
}

TEST_CASE("a home is served by one daemon at a time") {
  Scene scene;
  scene.start();
  const Outcome second = scene.host().tealhook({"serve"});
  CHECK(second.exit_code == 4);
  CHECK_THAT(second.tail, ContainsSubstring("another 'tealhook serve' works for"));
}

TEST_CASE("a full disk takes no delivery that it cannot keep") {
  if (!can_mount()) {
    SKIP_TEST("takes root in a private host (tests/support/private_host.sh), to mount a small disk");
  }
  Scene scene;
  const std::string commit = scene.publish("v1");
  {
    const ChangedFile limit(scene.host().home().settings(), "#min_free_disk: 1GiB", "min_free_disk: 1B");
    const SmallDisk disk(scene.host().home().root, 24);
    scene.start();
    scene.await_log("all is as it should be");
    disk.fill_up_to(0);
    const std::string large = Scene::payload_of(commit, ",\"x\":\"" + std::string(6'000'000, 'x') + "\"");
    CHECK(scene.deliver(large, Scene::headers_of(large, "1")).status == 503);
    CHECK(scene.get("/healthz").status == 503);
    disk.empty();
    CHECK(scene.deliver(commit, "1").status == 202); // which was not taken before
    CHECK(scene.get("/healthz").status == 200);
    scene.await_answer("v1 blue");
    scene.host().await_rest(scene.app());
    scene.stop();
  }
}

TEST_CASE("a router that was killed is started again and one that was taken down is not") {
  Scene scene("haproxy");
  const auto router = [&] {
    return route::RouterProcess("haproxy", scene.host().home().router(), scene.host().environment()).find();
  };
  scene.start();
  scene.await_log("all is as it should be");
  const auto first = router();
  REQUIRE(first);
  ::kill(first->pid, SIGKILL);
  wait_until([&] { return router() && router() != first; }, k_patience, "another router, of:\n" + scene.log());
  scene.await_log("the router has ended, and nobody took it down");
  scene.host().tealhook_ok({"router", "down"});
  CHECK_FALSE(router());
  scene.host().tealhook_ok({"router", "up"});
  const auto third = router();
  REQUIRE(third);
  ::kill(third->pid, SIGKILL);
  wait_until([&] { return router() && router() != third; }, k_patience, "a fourth router, of:\n" + scene.log());
}

TEST_CASE("a runner that was killed is followed by another one") {
  Scene scene;
  scene.start();
  REQUIRE(scene.deliver(scene.publish("v1"), "1").status == 202);
  const auto runner = [&] {
    return find_process({"--home", scene.host().home().root.string(), "runner", scene.app()});
  };
  wait_until([&] { return !scene.deployments().empty() && scene.deployments().front().status == Status::running; },
             k_patience, "the deployment");
  if (const auto process = runner()) {
    ::kill(process->pid, SIGKILL);
  }
  scene.await_answer("v1 blue");
}

TEST_CASE("what came in is listed, shown and explained, and asked for once more") {
  Scene scene("none", "rules: [{branch: 'wip/*', deploy: none}, {branch: main, deploy: none}]");
  const TestHost& host = scene.host();
  scene.start();
  const std::string commit = scene.publish("v1");
  const http::Response accepted = scene.deliver(commit, "1");
  REQUIRE(accepted.status == 202);
  CHECK(event_of(accepted) == "d1");
  scene.await_log("rule 2 (branch main) deploys nothing");
  CHECK_THAT(host.tealhook_ok({"event", "list", "--app", scene.app()}),
             ContainsSubstring("d1") && ContainsSubstring("refused"));
  const std::string shown = host.tealhook_ok({"event", "show", "d1"});
  CHECK_THAT(shown, ContainsSubstring("X-GitHub-Event: push") && ContainsSubstring("ada/shop") &&
                        !ContainsSubstring("Signature"));
  CHECK_THAT(host.tealhook_ok({"event", "show", "d1", "--json"}), ContainsSubstring("\"kind\":\"delivery\""));
  const std::string explained = host.tealhook_ok({"event", "explain", "d1"});
  CHECK_THAT(explained, ContainsSubstring("was right") && ContainsSubstring("rule 1 (branch wip/*)") &&
                            ContainsSubstring("'main' does not match") &&
                            ContainsSubstring("it would not be deployed: rule 2 (branch main) deploys nothing"));

  const ChangedFile mended(host.home().app(scene.app()).settings(), "branch: main, deploy: none",
                           "branch: main, deploy: blue");
  CHECK_THAT(host.tealhook_ok({"event", "replay", "d1", "--dry-run"}), ContainsSubstring("would be deployed to blue"));
  CHECK(scene.deployments().empty());
  CHECK_THAT(host.tealhook_ok({"event", "replay", "d1"}), ContainsSubstring("deployment 1 to blue"));
  scene.await_answer("v1 blue");
  CHECK_THAT(host.tealhook_ok({"event", "replay", "d1"}),
             ContainsSubstring("it was asked for already, by deployment 1"));
  CHECK_THAT(host.tealhook_ok({"audit", scene.app()}), ContainsSubstring("  replay  "));
  const std::string event = host.tealhook_ok({"event", "show", "1"});
  CHECK_THAT(event, ContainsSubstring("source:hub") && ContainsSubstring(commit) && ContainsSubstring("deployment 1"));
  CHECK_THAT(host.tealhook_ok({"event", "replay", "1", "--dry-run"}), ContainsSubstring("would be deployed to blue"));
  CHECK_THAT(host.tealhook_ok({"event", "replay", "1"}), ContainsSubstring("ready in"));
  CHECK(scene.deployments().size() == 2);
  CHECK_THAT(host.tealhook_ok({"event", "explain", "1"}), ContainsSubstring("is there"));
}

TEST_CASE("a payload that somebody saved is explained by the rules, with headers of the file or of the command line") {
  Scene scene;
  const TestHost& host = scene.host();
  const std::string payload = Scene::payload_of(std::string(40, 'c'));
  write_file(scene.file("payload.json"), payload);
  const std::vector<std::string> command{
      "event", "explain", scene.file("payload.json").string(), "--app", scene.app(), "--source", "hub"};
  std::vector<std::string> with_headers = command;
  with_headers.insert(with_headers.end(), {"-H", "X-GitHub-Event: push", "-H", "X-GitHub-Delivery: 1"});
  CHECK_THAT(host.tealhook_ok(with_headers),
             ContainsSubstring("not checked") && ContainsSubstring("it would be deployed to blue"));
  CHECK_THAT(host.tealhook(command).tail, ContainsSubstring("X-GitHub-Event"));
  write_file(scene.file("payload.json"),
             "POST-Time: now\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: 1\r\n\r\n" + payload);
  CHECK_THAT(host.tealhook_ok(command),
             ContainsSubstring("rule 1 (branch main)") && ContainsSubstring("it would be deployed to blue"));
  const Outcome unknown = host.tealhook({"event", "explain", scene.file("payload.json").string()});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.tail, ContainsSubstring("--app NAME --source NAME"));
  const Outcome missing = host.tealhook({"event", "show", "d99"});
  CHECK(missing.exit_code == 2);
  CHECK_THAT(missing.tail, ContainsSubstring("there is no event d99"));
  CHECK(host.tealhook({"event", "show", "x"}).exit_code == 2);
}
