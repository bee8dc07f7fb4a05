// Colors as compose projects, by whichever compose this host has: two of them beside each other with what they share,
// what is refused, and what becomes of a deployment that fails, or whose runner is killed.
#include "core/text.hpp"
#include "store/history.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

#include <csignal>

using namespace teal;

namespace {

namespace fs = std::filesystem;

constexpr const char* k_target = "target: stack\ntargets: {stack: {kind: compose, shared: [db]}}\n";
constexpr const char* k_web = "services:\n"
                              "  web:\n"
                              "    build: .\n"
                              "    environment: ['GREETING=hello ${WHOM:-nobody}']\n"
                              "    depends_on: [cache, db]\n"
                              "    ports: ['${TEALHOOK_PORT}:8080']\n";
constexpr const char* k_others = "  cache:\n"
                                 "    build: ./tools\n"
                                 "  db:\n"
                                 "    build: ./tools\n"
                                 "    command: [/busybox, httpd, -f, -p, '8000', -h, /data]\n"
                                 "    volumes: ['data:/data']\n"
                                 "volumes: {data: {}}\n";

/// A host with one app of three services, of which both colors have `db` in common.
class Shop {
public:
  explicit Shop(const std::string& router = "none") : m_host(router) {
    set(k_target);
    fs::create_directories(m_project.path() / "tools");
    fs::copy_file("/bin/busybox", m_project.path() / "tools/busybox");
    m_project.write("tools/Dockerfile",
                    "FROM scratch\nCOPY busybox /busybox\nCMD [\"/busybox\", \"sleep\", \"3600\"]\n");
    compose();
  }
  ~Shop() {
    static_cast<void>(m_host.tealhook({"app", "remove", m_app, "--yes"}));
    m_host.docker({"volume", "rm", "-f", fmt::format("tealhook-{}_data", m_app)});
  }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  void set(const std::string& yaml) const { m_host.set_settings(m_app, yaml); }
  /// With more of web, and further services.
  void compose(const std::string& web = "", const std::string& more = "") const {
    m_project.write("compose.yaml", k_web + web + more + k_others);
  }
  /// Returns what the pusher saw.
  std::string push(const std::string& version, Color color = Color::blue) const {
    m_project.commit(version);
    return what_was_told(m_project.push(m_app, color));
  }
  std::string push_live(const std::string& version) const {
    m_project.commit(version);
    return what_was_told(m_project.push(m_host.home().app(m_app).live_repository()));
  }
  [[nodiscard]] std::string answer(Color color = Color::blue) const { return m_host.answer(m_app, color); }
  [[nodiscard]] std::string containers() const {
    return m_host.docker({"ps", "--all", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + m_app});
  }
  [[nodiscard]] std::string networks() const {
    return m_host.docker({"network", "ls", "--format", "{{.Name}}", "--filter", "label=tealhook.app=" + m_app});
  }
  [[nodiscard]] std::string id_of_shared() const {
    return m_host.docker(
        {"ps", "--quiet", "--filter", "label=tealhook.shared=db", "--filter", "label=tealhook.app=" + m_app});
  }
  /// What the color's cache gets from what is shared.
  [[nodiscard]] std::string read_shared(Color color) const {
    return m_host.tealhook_ok({"exec", m_app, "--color", std::string(to_string(color)), "--process", "cache", "--",
                               "/busybox", "wget", "-qO-", "http://db:8000/note"});
  }
  [[nodiscard]] Deployment latest() const {
    Database database(m_host.home().store());
    return History(database).latest(m_app).value();
  }
  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] const Project& project() const { return m_project; }

private:
  TestHost m_host;
  std::string m_app = m_host.create_app();
  Project m_project{m_host};
};

} // namespace

TEST_CASE("compose projects of two colors serve beside each other, and what is shared outlasts every switch") {
  const Shop shop("haproxy");
  const TestHost& host = shop.host();
  const std::string told = shop.push_live("v1");
  INFO(told);
  REQUIRE_THAT(told, ContainsSubstring("\nlive in "));
  CHECK_THAT(host.live_answer(shop.app()), ContainsSubstring("v1 ") && ContainsSubstring("hello nobody"));
  const std::string db = shop.id_of_shared();
  REQUIRE_FALSE(db.empty());
  host.docker({"exec", db, "/busybox", "sh", "-c", "echo kept > /data/note"});

  REQUIRE_THAT(shop.push_live("v2"), ContainsSubstring("\nlive in "));
  CHECK_THAT(host.live_answer(shop.app()), ContainsSubstring("v2 "));
  CHECK(shop.id_of_shared() == db);
  CHECK(shop.read_shared(Color::blue) == "kept");
  CHECK(shop.read_shared(Color::green) == "kept");
  CHECK_THAT(host.tealhook_ok({"status", shop.app()}), ContainsSubstring("running 2/2"));

  CHECK_THAT(host.tealhook_ok({"rollback", shop.app()}), ContainsSubstring("live traffic"));
  CHECK_THAT(host.live_answer(shop.app()), ContainsSubstring("v1 "));
  shop.push("v3", Color::blue);
  REQUIRE_THAT(shop.push("v4", Color::green), ContainsSubstring("\nready in "));
  const std::string back = host.tealhook_ok({"rollback", shop.app(), "1"});
  INFO(back);
  CHECK_THAT(back, ContainsSubstring("\nlive in ") && !ContainsSubstring("build "));
  CHECK_THAT(host.live_answer(shop.app()), ContainsSubstring("v1 "));
  CHECK(shop.id_of_shared() == db);

  host.tealhook_ok({"env", shop.app(), "set", "WHOM=world"});
  CHECK_THAT(host.live_answer(shop.app()), ContainsSubstring("v1 ") && ContainsSubstring("hello world"));
  CHECK_THAT(host.tealhook_ok({"logs", shop.app(), "--program"}), ContainsSubstring("program v1 starts"));
  const Outcome once = host.tealhook({"run", shop.app(), "--", "/program", "--exit", "7"});
  CHECK(once.exit_code == 7);
  CHECK_THAT(once.tail, ContainsSubstring("program v1 starts"));
  host.await_rest(shop.app());
  CHECK_THAT(shop.containers(), !ContainsSubstring("retired") && !ContainsSubstring("-next"));
  CHECK(split(shop.networks(), '\n').size() == 4); // the app's, what is shared, and a color's each

  host.tealhook_ok({"app", "remove", shop.app(), "--yes"});
  CHECK(shop.containers().empty());
  CHECK(shop.networks().empty());
  CHECK_FALSE(host.docker({"volume", "ls", "--quiet", "--filter", "label=tealhook.app=" + shop.app()}).empty());
}

TEST_CASE("without a router a project takes the color's port over, and gives it back when it is not healthy") {
  const Shop shop;
  const TestHost& host = shop.host();
  const std::string told = shop.push("v1");
  INFO(told);
  REQUIRE_THAT(told, ContainsSubstring("\nready in "));
  REQUIRE_THAT(shop.push("v2"), ContainsSubstring("\nready in "));
  CHECK_THAT(shop.answer(), ContainsSubstring("v2 blue hello nobody"));

  shop.project().set_arguments({"--status", "500"});
  shop.set(std::string(k_target) + "health: {deadline: 1s}\n");
  const std::string failed = shop.push("v3");
  CHECK_THAT(failed, ContainsSubstring("FAILED in ") && ContainsSubstring("blue still runs "));
  CHECK_THAT(shop.answer(), ContainsSubstring("v2 blue"));
  CHECK(host.docker({"exec", fmt::format("{}-blue.cache", shop.app()), "/busybox", "wget", "-qO-",
                     "http://web:8080/"}) == "v2 blue hello nobody");

  shop.project().set_arguments({});
  shop.compose("", "  broken:\n    image: nowhere.invalid/nothing:1\n");
  CHECK_THAT(shop.push("v4"), ContainsSubstring("cannot pull 'nowhere.invalid/nothing:1'"));
  shop.compose("    volumes: ['./version:/mounted']\n    labels: {of: web}\n");
  REQUIRE_THAT(shop.push("v5"), ContainsSubstring("\nready in "));
  CHECK_THAT(shop.answer(), ContainsSubstring("v5 blue"));
  CHECK_THAT(host.docker({"inspect", "--format", "{{json .Mounts}}", shop.app() + "-blue"}),
             ContainsSubstring("/mounted") && ContainsSubstring("\"RW\":false"));
  host.tealhook_ok({"stop", shop.app(), "--color", "blue", "--yes"});
  CHECK(shop.answer().empty());
  CHECK_FALSE(shop.id_of_shared().empty());
  host.tealhook_ok({"start", shop.app(), "--color", "blue"});
  CHECK_THAT(shop.answer(), ContainsSubstring("v5 blue"));
}

TEST_CASE("a compose file that two colors cannot both have, or that reaches too far, changes nothing") {
  const Shop shop;
  REQUIRE_THAT(shop.push("v1"), ContainsSubstring("\nready in "));
  const auto refused = [&](const std::string& web, const std::string& words) {
    shop.compose(web);
    CHECK_THAT(shop.push(words), ContainsSubstring(words) && ContainsSubstring("FAILED in "));
    CHECK_THAT(shop.answer(), ContainsSubstring("v1 blue"));
  };
  refused("    container_name: web\n", "compose.yaml:7: service 'web' has the fixed container_name 'web'");
  refused("    privileged: true\n", "targets.NAME.allow: [privileged]");
  refused("    env_file: ../../../../env\n", "compose.yaml:7: '../../../../env' ");
  refused("    nonsense: true\n", "cannot read 'compose.yaml'");
  shop.compose();
  shop.set(std::string(k_target) + "run: {args: [x]}\n");
  CHECK_THAT(shop.push("v2"), ContainsSubstring("run.args of app.yml is not for compose projects"));
  CHECK_THAT(shop.host().tealhook({"deploy", shop.app(), "--target", "stack"}).tail,
             ContainsSubstring("'stack' is how blue and green are run"));
}

TEST_CASE("a runner killed while its project comes up is followed by one that brings the push to its end") {
  const Shop shop("haproxy");
  const TestHost& host = shop.host();
  REQUIRE_THAT(shop.push_live("v1"), ContainsSubstring("\nlive in "));
  const auto of_nobody = host.home().app(shop.app()).compose() / "releases" / "99";
  std::filesystem::create_directories(of_nobody); // of one that was killed, and superseded then
  shop.project().commit("v2");
  Background push({.arguments = {"git", "push", host.home().app(shop.app()).live_repository().string(), "main"},
                   .directory = shop.project().path(),
                   .environment = host.environment()});
  wait_until([&] { return shop.containers().find("-next") != std::string::npos; }, k_patience, "the project");
  const auto runner = find_process({"--home", host.home().root.string(), "runner", shop.app()});
  REQUIRE(runner);
  ::kill(runner->pid, SIGKILL);
  const std::string told = push.finish();
  INFO(told);
  CHECK_THAT(told, ContainsSubstring("the runner was killed") && ContainsSubstring("live in "));
  CHECK_THAT(host.live_answer(shop.app()), ContainsSubstring("v2 "));
  host.await_rest(shop.app());
  CHECK_THAT(shop.containers(), !ContainsSubstring("retired") && !ContainsSubstring("-next"));
  CHECK(split(shop.networks(), '\n').size() == 4);
  CHECK_FALSE(std::filesystem::exists(of_nobody));
}
