// Trigger files: what is put into a folder, by hand or by a receiver, and what the daemon makes of it.
#include "http/client.hpp"
#include "http/hmac.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "process/files.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/served_app.hpp"
#include "support/shell.hpp"
#include "support/small_disk.hpp"
#include "support/wait_until.hpp"
#include "unit/http/raw_client.hpp"

#include <SQLiteCpp/Database.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <optional>

using namespace teal;

namespace {

namespace fs = std::filesystem;

const std::string k_secret = "It's a Secret to Everybody";

/// A process of ours that serves, in the background, with its log.
class Server {
public:
  Server(std::vector<std::string> arguments, const Environment& environment) : m_log(m_folder.path() / "log") {
    arguments.insert(arguments.begin(), TestHost::tool().string());
    m_process = start_detached({.arguments = std::move(arguments), .environment = environment}, m_log);
    await("listens");
  }
  ~Server() { end_process(m_process, k_patience); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::string log() const { return fs::exists(m_log) ? read_file(m_log) : ""; }
  void await(const std::string& words) const {
    wait_until([&] { return log().find(words) != std::string::npos || !is_alive(m_process); }, k_patience,
               words + ", of:\n" + log());
    INFO(log());
    REQUIRE_THAT(log(), ContainsSubstring(words));
  }
  void signal(int number) const { ::kill(m_process.pid, number); }
  void await_end() const {
    wait_until([&] { return !is_alive(m_process); }, k_patience, "its end");
  }
  void kill() const {
    signal(SIGKILL);
    await_end();
  }

private:
  TempFolder m_folder;
  fs::path m_log;
  ProcessId m_process;
};

/// An app that follows the files of a folder, and a repository beside the home that its source is.
class Scene {
public:
  explicit Scene(const std::string& more = "")
      : m_app(m_host.create_app()), m_project(m_host),
        m_listen(m_host.home().settings(), "#listen: 127.0.0.1:8888", fmt::format("listen: 127.0.0.1:{}", m_port)) {
    fs::create_directories(drop());
    fs::permissions(m_folder.path(), fs::perms(0755));
    m_project.git({"init", "--quiet", "--bare", remote().string()});
    m_host.set_settings(m_app,
                        fmt::format("rules: [{{branch: main, deploy: blue}}]\nsources: [{{name: drop, kind: file, "
                                    "folder: {}, file: push-shop-main, url: {}, branch: main{}}}]\n",
                                    drop().string(), remote().string(), more));
  }
  ~Scene() {
    m_daemon.reset();
    m_host.await_rest(m_app);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] fs::path drop() const { return m_folder.path() / "drop"; }
  [[nodiscard]] fs::path remote() const { return m_folder.path() / "remote.git"; }
  [[nodiscard]] fs::path file(const std::string& name) const { return m_folder.path() / name; }
  void start() { m_daemon.emplace(std::vector<std::string>{"serve"}, m_host.environment()); }
  [[nodiscard]] const Server& daemon() const { return m_daemon.value(); }
  void kill_daemon() {
    m_daemon->kill();
    m_daemon.reset();
  }
  std::string publish(const std::string& version) const {
    std::string commit = m_project.commit(version);
    m_project.git({"push", "--quiet", "--force", remote().string(), "main"});
    return commit;
  }
  void trigger() const { std::ofstream(drop() / "push-shop-main") << "by hand\n"; }
  void await_answer(const std::string& answer) const {
    wait_until([&] { return m_host.answer(m_app, Color::blue) == answer; }, k_patience,
               answer + ", of:\n" + m_daemon->log());
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
  std::optional<Server> m_daemon;
};

/// A receiver that writes to a folder.
class Receiving {
public:
  explicit Receiving(const fs::path& drop) {
    write_file(m_folder.path() / "hub.secret", k_secret + "\n", 0600);
    write_file(config(), "sources: [{app: shop, name: hub, forge: github, secret_file: hub.secret}]\n");
    auto environment = clean_environment();
    environment.erase("HOME");
    environment["TEALHOOK_HOME"] = "/nowhere";
    m_server.emplace(std::vector<std::string>{"receive", "--folder", drop.string(), "--config", config().string(),
                                              "--listen", fmt::format("127.0.0.1:{}", m_port)},
                     environment);
  }

  [[nodiscard]] fs::path config() const { return m_folder.path() / "receive.yml"; }
  [[nodiscard]] const Server& server() const { return m_server.value(); }
  [[nodiscard]] std::uint16_t port() const { return m_port; }
  [[nodiscard]] static std::string payload_of(const std::string& commit) {
    return fmt::format(R"({{"ref":"refs/heads/main","before":"{}","after":"{}",)"
                       R"("repository":{{"full_name":"ada/shop"}},"pusher":{{"name":"ada"}}}})",
                       std::string(40, 'a'), commit);
  }
  [[nodiscard]] static http::Headers headers_of(const std::string& payload, const std::string& secret = k_secret) {
    return {{"Content-Type", "application/json"},
            {"X-GitHub-Event", "push"},
            {"X-GitHub-Delivery", "1"},
            {"X-Hub-Signature-256", "sha256=" + http::hmac_hex(http::Hash::sha256, secret, payload)}};
  }
  [[nodiscard]] int deliver(const std::string& commit, const std::string& secret = k_secret) const {
    const std::string payload = payload_of(commit);
    return http::Client({.kind = http::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = m_port})
        .request(
            {.method = "POST", .target = "/hook/shop/hub", .headers = headers_of(payload, secret), .body = payload})
        .status;
  }
  [[nodiscard]] int get(const std::string& path) const {
    return http::Client({.kind = http::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = m_port})
        .request({.target = path, .headers = {}, .body = {}})
        .status;
  }

private:
  std::uint16_t m_port = free_port();
  TempFolder m_folder;
  std::optional<Server> m_server;
};

} // namespace

TEST_CASE("a trigger file deploys what its branch is at the source, and one that comes during a run is not lost") {
  Scene scene;
  scene.start();
  const std::string first = scene.publish("v1");
  scene.trigger();
  wait_until([&] { return !scene.deployments().empty() && scene.deployments().front().status != Status::queued; },
             k_patience, "the deployment to begin");
  CHECK(scene.deployments().front().event.trigger == Trigger::file);
  CHECK(scene.deployments().front().event.who == "source:drop");
  scene.publish("v2");
  scene.trigger();
  scene.await_answer("v2 blue");
  scene.trigger();
  scene.daemon().await("it was asked for already");
  scene.host().await_rest(scene.app());
  CHECK(scene.deployments().size() == 2);
  CHECK(files::names_in(scene.drop()) == std::vector<std::string>{".claimed"});
  CHECK_THAT(scene.host().tealhook_ok({"history", scene.app()}), ContainsSubstring("source:drop"));
}

TEST_CASE("a trigger file of before the daemon is found, and with redeploy each of them deploys") {
  Scene scene(", redeploy: true");
  scene.publish("v1");
  scene.trigger();
  scene.start();
  scene.await_answer("v1 blue");
  scene.host().await_rest(scene.app());
  scene.trigger();
  wait_until([&] { return scene.deployments().size() == 2; }, k_patience, "another one");
}

TEST_CASE("a daemon that is killed between taking a file and storing it is followed by one that deploys it") {
  Scene scene;
  scene.start();
  scene.publish("v1");
  const auto taken = [&] { return files::names_in(scene.drop() / ".claimed").size(); };
  {
    Database database(scene.host().home().store());
    database.handle().exec("BEGIN IMMEDIATE"); // nothing can be stored
    scene.trigger();
    wait_until([&] { return taken() == 1; }, k_patience, "the file to be taken");
    scene.kill_daemon();
    database.handle().exec("ROLLBACK");
  }
  CHECK(taken() == 1);
  CHECK(scene.deployments().empty());
  scene.start();
  scene.await_answer("v1 blue");
  CHECK(taken() == 0);
  CHECK(scene.deployments().size() == 1);
}

TEST_CASE("what nobody may put there changes nothing and is told") {
  Scene scene;
  scene.start();
  scene.publish("v1");
  fs::create_symlink("/etc/passwd", scene.drop() / "x.tmp");
  fs::rename(scene.drop() / "x.tmp", scene.drop() / "push-shop-main");
  scene.daemon().await("a trigger file was refused: it is a link");
  std::ofstream(scene.drop() / "push-shop-next") << "x";
  scene.daemon().await("'push-shop-next' is no source's file");
  std::ofstream(scene.drop() / "push-shop-main.part") << "half";
  CHECK(scene.deployments().empty());
  fs::permissions(scene.drop(), fs::perms(0777));
  const Outcome check = scene.host().tealhook({"check", scene.app()});
  CHECK_THAT(check.tail, ContainsSubstring(scene.app() + ": drop") && ContainsSubstring("can be changed by everybody"));
  fs::permissions(scene.drop(), fs::perms(0755));
  CHECK_THAT(scene.host().tealhook({"check", scene.app()}).tail, ContainsSubstring("deploys 'main', while"));
}

TEST_CASE("a webhook of a receiver becomes a file, and that a deployment") {
  Scene scene;
  scene.start();
  const Receiving receiving(scene.drop());
  const std::string commit = scene.publish("v1");
  CHECK(receiving.deliver(commit, "guessed") == 401);
  CHECK(receiving.deliver(commit) == 202);
  scene.await_answer("v1 blue");
  CHECK_THAT(scene.daemon().log(),
             ContainsSubstring("a trigger file came: refs/heads/main " + commit + " ada/shop by ada"));
  CHECK(receiving.deliver(commit) == 202); // sent twice
  scene.daemon().await("it was asked for already");
  CHECK(scene.deployments().size() == 1);
  CHECK(receiving.get("/healthz") == 200);
  CHECK(receiving.get("/metrics") == 404);
  CHECK(receiving.get("/hook/shop/hub") == 405);
}

TEST_CASE("a receiver that cannot write accepts nothing and says so") {
  if (!can_mount()) {
    SKIP_TEST("takes root in a private host (tests/support/private_host.sh), to mount a small disk");
  }
  const TempFolder folder;
  const SmallDisk disk(folder.path(), 1);
  const Receiving receiving(folder.path());
  disk.fill_up_to(0);
  CHECK(receiving.deliver(std::string(40, 'b')) == 503);
  CHECK(receiving.get("/healthz") == 503);
  disk.empty();
  CHECK(receiving.deliver(std::string(40, 'b')) == 202);
  CHECK(receiving.get("/healthz") == 200);
  CHECK(files::names_in(folder.path()) == std::vector<std::string>{"push-shop-main"});
}

TEST_CASE("a receiver takes up other settings, and answers what has begun before it ends") {
  const TempFolder folder;
  const Receiving receiving(folder.path());
  write_file(receiving.config(), "sources: [\n");
  receiving.server().signal(SIGHUP);
  receiving.server().await("it goes on with the settings that it had");
  write_file(receiving.config(),
             "file: '{app}'\nsources: [{app: shop, name: hub, forge: github, secret_file: hub.secret}]\n");
  receiving.server().signal(SIGHUP);
  receiving.server().await("the settings were read anew");
  const std::string payload = Receiving::payload_of(std::string(40, 'b'));
  std::string head = fmt::format("POST /hook/shop/hub HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", payload.size());
  for (const auto& [name, value] : Receiving::headers_of(payload)) {
    head += fmt::format("{}: {}\r\n", name, value);
  }
  RawClient sender(receiving.port());
  REQUIRE(sender.send(head + "\r\n" + payload.substr(0, 10)));
  REQUIRE(receiving.get("/healthz") == 200);
  receiving.server().signal(SIGTERM);
  receiving.server().await("ends: no more is accepted");
  REQUIRE(sender.send(payload.substr(10)));
  CHECK_THAT(sender.receive_response(), ContainsSubstring("202 Accepted"));
  receiving.server().await_end();
  CHECK(fs::exists(folder.path() / "shop"));
}

TEST_CASE("a receiver says what is wrong before it listens") {
  const Shell shell(false);
  check_error(shell.tealhook({"receive"}), 2, "--folder");
  check_error(shell.tealhook({"receive", "--folder", "/", "--config", "/nowhere.yml"}), 2,
              "'/nowhere.yml' is not there");
  check_error(shell.tealhook({"receive", "--folder", "/", "--listen", "8889"}), 2, "address:port");
  write_file(shell.folder() / "receive.yml", "sources: [{app: a, name: b, forge: github, secret_file: c}]\n");
  check_error(shell.tealhook({"receive", "--folder", (shell.folder() / "none").string(), "--config",
                              (shell.folder() / "receive.yml").string()}),
              3, "cannot open the folder");
}

TEST_CASE("Marathon is told to run what the image runs by itself") {
  const fs::path templates = fs::path(TEAL_TEST_SOURCES).parent_path() / "templates";
  const auto marathon = boost::json::parse(read_file(templates / "receiver/marathon.json"));
  std::string arguments = boost::json::serialize(marathon.at("args"));
  for (std::size_t at = 0; (at = arguments.find("\",\"", at)) != std::string::npos; at += 4) {
    arguments.insert(at + 2, " ");
  }
  CHECK_THAT(read_file(templates / "Dockerfile"), ContainsSubstring("CMD " + arguments + "\n"));
  CHECK(marathon.at("container").at("portMappings").at(0).at("containerPort").as_int64() == 8889);
}

TEST_CASE("setup puts units and a configuration of logrotate in place, and keeps what a person changed") {
  const Shell shell;
  const fs::path root = shell.folder() / "root";
  const std::vector<std::string> setup{"setup", "--systemd", "--logrotate", "--root", root.string()};
  const Outcome first = shell.tealhook(setup);
  REQUIRE(first.succeeded());
  const fs::path unit = root / "etc/systemd/system/tealhook-serve.service";
  CHECK_THAT(first.output, ContainsSubstring("wrote '" + unit.string() + "'") &&
                               ContainsSubstring("systemctl daemon-reload && systemctl enable --now tealhook-serve"));
  CHECK_THAT(read_file(unit), ContainsSubstring("TEALHOOK_HOME=" + shell.home().string()) &&
                                  ContainsSubstring("ExecStart=" + TestHost::tool().string() + " serve"));
  CHECK_THAT(shell.tealhook(setup).output, ContainsSubstring("'" + unit.string() + "' is as it should be"));
  write_file(unit, read_file(unit) + "Nice=5\n");
  CHECK_THAT(shell.tealhook(setup).output, ContainsSubstring("kept '" + unit.string() + "'"));
  auto forced = setup;
  forced.insert(forced.end(), {"--force", "--json"});
  CHECK_THAT(shell.tealhook(forced).output, ContainsSubstring(R"(tealhook-serve.service","fate":"written"})"));
}
