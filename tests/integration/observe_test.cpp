// Observing a forge: a webhook of our own there, its deliveries deployed, missed ones fetched, what became of them
// told. The forge is a stand-in, over real HTTP; all else is real.
#include "http/client.hpp"
#include "http/hmac.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "serve/source_book.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/forge_stand_in.hpp"
#include "support/free_port.hpp"
#include "support/served_app.hpp"
#include "support/shell.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <optional>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const std::string k_zero(40, '0');

/// An app, a repository at a forge, and the daemon that the forge is to deliver to.
class Scene {
public:
  explicit Scene(ForgeStandIn::Kind kind = ForgeStandIn::Kind::github)
      : m_app(m_host.create_app()), m_project(m_host),
        m_listen(m_host.home().settings(), "#listen: 127.0.0.1:8888", fmt::format("listen: 127.0.0.1:{}", m_port)),
        m_forge({.kind = kind, .clone_url = (m_folder.path() / "remote.git").string()}) {
    m_project.git({"init", "--quiet", "--bare", remote().string()});
    m_host.set_settings(m_app, "rules: [{branch: main, deploy: blue}] # only main\n");
    set_token("right-token");
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
  [[nodiscard]] ForgeStandIn& forge() { return m_forge; }
  [[nodiscard]] const Project& project() const { return m_project; }
  [[nodiscard]] fs::path remote() const { return m_folder.path() / "remote.git"; }
  [[nodiscard]] fs::path file(const std::string& name) const { return m_folder.path() / name; }
  [[nodiscard]] std::string log() const { return fs::exists(file("log")) ? read_file(file("log")) : ""; }
  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", m_port); }
  [[nodiscard]] fs::path secret_file(const std::string& source = "github") const {
    return m_host.home().app(m_app).root / (source + ".secret");
  }
  void set_token(const std::string& token) const { write_file(file("token"), token + "\n", 0600); }

  [[nodiscard]] std::vector<std::string> observe_words(const std::string& forge = "github") const {
    return {"observe",  m_app,        "--forge", forge,          "--repo",
            "ada/shop", "--url",      url(),     "--token-file", file("token").string(),
            "--api",    m_forge.api()};
  }
  [[nodiscard]] Outcome tealhook(std::vector<std::string> words) const { return m_host.tealhook(std::move(words)); }
  [[nodiscard]] json::value ask(std::vector<std::string> words) const {
    words.emplace_back("--json");
    return json::parse(m_host.tealhook_ok(std::move(words)));
  }
  std::string observe(const std::string& forge = "github") const {
    return text(ask(observe_words(forge)).at("outcome"));
  }

  void start(const std::vector<std::string>& words = {}, const Environment& more = {}) {
    fs::remove(file("log"));
    Command command{.arguments = {TestHost::tool().string(), "serve"}, .environment = m_host.environment()};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    for (const auto& [name, value] : more) {
      command.environment[name] = value;
    }
    m_daemon = start_detached(command, file("log"));
    wait_until([&] { return log().find("url=" + url()) != std::string::npos || !is_alive(*m_daemon); }, k_patience,
               "the daemon");
    INFO(log());
    REQUIRE(is_alive(*m_daemon));
  }
  void signal(int number) const {
    ::kill(m_daemon.value().pid, number);
    wait_until([&] { return !is_alive(*m_daemon); }, k_patience, "the daemon's end, of:\n" + log());
  }
  void stop() const {
    if (m_daemon) {
      end_process(*m_daemon, k_patience);
    }
  }
  void await_log(const std::string& words) const {
    wait_until([&] { return log().find(words) != std::string::npos; }, k_patience, words + ", of:\n" + log());
  }

  /// Commits and pushes to the forge, which delivers. Returns the commit.
  std::string push(const std::string& version) {
    const std::string commit = m_project.commit(version);
    m_project.git({"push", "--quiet", "--force", remote().string(), "main"});
    static_cast<void>(m_forge.push("refs/heads/main", m_last.empty() ? k_zero : m_last, commit));
    m_last = commit;
    return commit;
  }
  void await_answer(const std::string& answer) const {
    wait_until([&] { return m_host.answer(m_app, Color::blue) == answer; }, k_patience, answer + ", of:\n" + log());
  }
  /// The states that the forge was told of a commit.
  [[nodiscard]] std::string states_of(const std::string& commit) const {
    std::string states;
    for (const auto& one : m_forge.statuses()) {
      states += one.commit == commit ? one.state + " " : "";
    }
    return states;
  }
  /// Until it was told that one last; before it, at most that it is under way.
  void await_told(const std::string& commit, const std::string& state) const {
    wait_until([&] { return states_of(commit).ends_with(state + " "); }, k_patience,
               state + " in place of " + states_of(commit) + ", of:\n" + log());
  }

private:
  std::uint16_t m_port = free_port();
  TempFolder m_folder;
  TestHost m_host;
  std::string m_app;
  Project m_project;
  ChangedFile m_listen;
  ForgeStandIn m_forge;
  std::string m_last;
  std::optional<ProcessId> m_daemon;
};

} // namespace

TEST_CASE("an app is observed, pushed to, deployed, reported and observed no more") {
  Scene scene;
  scene.start();
  CHECK(scene.observe() == "created");
  CHECK(scene.observe() == "unchanged");
  const std::string settings = read_file(scene.host().home().app(scene.app()).settings());
  CHECK_THAT(settings, ContainsSubstring("deploy: blue}] # only main\n") && ContainsSubstring("repo: ada/shop"));
  const std::string commit = scene.push("v1");
  CHECK(scene.forge().deliveries().back().status == 202);
  scene.await_answer("v1 blue");
  scene.await_told(commit, "success");
  const auto status = scene.forge().statuses().back();
  CHECK(status.context == fmt::format("tealhook/{}/blue", scene.app()));
  CHECK_THAT(status.target_url, ContainsSubstring(scene.url() + "/api/v1/deployments/"));
  REQUIRE(scene.forge().deployments().size() == 1);
  wait_until([&] { return scene.forge().deployments()[0].states.back() == "success"; }, k_patience, "its deployment");

  const json::value observers = scene.ask({"observers"});
  REQUIRE(observers.as_array().size() == 1);
  CHECK(text(observers.at(0).at("state")) == "ok");
  CHECK(text(observers.at(0).at("url")) == fmt::format("{}/hook/{}/github", scene.url(), scene.app()));

  CHECK(scene.ask({"unobserve", scene.app()}).at("removed") == 1);
  CHECK(scene.forge().hooks().empty());
  CHECK_FALSE(fs::exists(scene.secret_file()));
  CHECK(scene.ask({"observers"}).as_array().empty());
  const std::string audit = scene.host().tealhook_ok({"audit", scene.app()});
  CHECK_THAT(audit, ContainsSubstring("unobserve") && ContainsSubstring("the webhook is removed"));
  CHECK(scene.tealhook({"unobserve", scene.app()}).exit_code == 2);
}

TEST_CASE("a push that fails to build is a failure at the forge, and nothing else suffers from a forge in trouble") {
  Scene scene;
  REQUIRE(scene.observe() == "created");
  scene.start();
  const std::string good = scene.push("v1");
  scene.await_told(good, "success");
  scene.forge().have_trouble({.count = 1, .hangs = true, .path = "/statuses"});
  scene.forge().have_trouble({.count = 1, .status = 200, .body = "<html>", .path = "/statuses"});
  const std::string slow = scene.push("v2");
  scene.await_answer("v2 blue"); // while the forge says nothing
  scene.project().write("Dockerfile", "FROM scratch\nCOPY nothing /\n");
  const std::string broken = scene.push("v3");
  scene.await_told(slow, "success");
  scene.await_told(broken, "failure");
  CHECK(scene.host().answer(scene.app(), Color::blue) == "v2 blue");
}

TEST_CASE("what a webhook has drifted to is shown and mended, and a rotated secret leaves no delivery out") {
  Scene scene;
  REQUIRE(scene.observe() == "created");
  scene.start();
  scene.forge().change_hooks([](auto& hooks) { hooks[0].is_active = false; });
  CHECK(text(scene.ask({"observers"}).at(0).at("state")) == "drifted");
  const json::value mended = scene.ask({"observe", scene.app()});
  CHECK(text(mended.at("outcome")) == "mended");
  CHECK(text(mended.at("mended").at(0)) == "it is switched off");

  const auto before = scene.forge().hooks().at(0);
  const Outcome rotated = scene.tealhook({"observe", scene.app(), "--rotate"});
  CHECK(rotated.succeeded());
  CHECK_THAT(rotated.tail, ContainsSubstring("the secret before is taken for a day more"));
  const auto after = scene.forge().hooks().at(0);
  CHECK(after.secret != before.secret);
  CHECK(rotated.tail.find(after.secret) == std::string::npos);
  static_cast<void>(scene.push("v1"));
  CHECK(scene.forge().deliveries().back().status == 202);
  scene.forge().change_hooks([&](auto& hooks) { hooks[0].secret = before.secret; }); // one that was signed before
  static_cast<void>(scene.push("v2"));
  CHECK(scene.forge().deliveries().back().status == 202);
  scene.await_answer("v2 blue");
  CHECK(scene.observe() == "unchanged");
  CHECK(scene.forge().hooks().at(0).secret == after.secret);
  CHECK(scene.tealhook({"observe", scene.app(), "--test"}).succeeded());
  const auto asked = scene.forge().requests();
  CHECK(std::any_of(asked.begin(), asked.end(), [](const std::string& one) { return one.ends_with("/pings"); }));
}

TEST_CASE("deliveries that were missed while the daemon was away are fetched when it starts") {
  Scene scene;
  REQUIRE(scene.observe() == "created");
  const std::string commit = scene.push("v1"); // nobody listens
  CHECK(scene.forge().deliveries().back().status == 0);
  scene.start();
  scene.await_answer("v1 blue");
  CHECK(scene.forge().deliveries().back().is_again);
  CHECK(scene.forge().deliveries().back().status == 202);
  scene.await_told(commit, "success");
  CHECK_THAT(scene.log(), ContainsSubstring("a delivery that did not reach us is asked for again"));
}

TEST_CASE("where a forge lists no deliveries, a push that was missed is found at the branch") {
  Scene scene(ForgeStandIn::Kind::gitea);
  static_cast<void>(scene.push("v1")); // before it is observed: that is not missed
  REQUIRE(scene.observe("forgejo") == "created");
  const std::string missed = scene.push("v2");
  scene.start();
  scene.await_answer("v2 blue");
  scene.await_told(missed, "success");
  CHECK_THAT(scene.log(), ContainsSubstring("and no delivery said so"));
}

TEST_CASE("pushes at GitLab and at Bitbucket are delivered, deployed and reported, too") {
  for (const auto& [kind, name, state] : {std::tuple{ForgeStandIn::Kind::gitlab, "gitlab", "success"},
                                          std::tuple{ForgeStandIn::Kind::bitbucket, "bitbucket", "SUCCESSFUL"}}) {
    Scene scene(kind);
    scene.start();
    CHECK(scene.observe(name) == "created");
    const std::string commit = scene.push("v1");
    CHECK(scene.forge().deliveries().back().status == 202);
    scene.await_answer("v1 blue");
    scene.await_told(commit, state);
    CHECK(scene.ask({"unobserve", scene.app()}).at("removed") == 1);
  }
}

TEST_CASE("a daemon that was killed is followed by one that tells the forge what it had not") {
  Scene scene;
  REQUIRE(scene.observe() == "created");
  scene.start();
  scene.forge().have_trouble({.count = 1000, .status = 503, .path = "/statuses"});
  const std::string commit = scene.push("v1");
  scene.await_answer("v1 blue");
  scene.await_log("is told later what became of it");
  scene.signal(SIGKILL);
  scene.host().await_rest(scene.app());
  CHECK(scene.states_of(commit).empty());
  scene.forge().be_well();
  scene.start();
  scene.await_told(commit, "success");
}

TEST_CASE("an observer that registers is there as long as it runs") {
  Scene scene;
  const Environment environment{{"DPLOY_PUBLIC_NODE", "127.0.0.1"},
                                {"DPLOY_OBSERVER_GITHUB_PAT", "right-token"},
                                {"DPLOY_OBSERVER_GITHUB_OWNER", "nobody"},
                                {"DPLOY_OBSERVER_GITHUB_REPO", "shop"}};
  scene.start({"--observe", "-owner=ada", "--api", scene.forge().api(), "--app", scene.app()}, environment);
  scene.await_log("the webhook at 'ada/shop' is created");
  REQUIRE(scene.forge().hooks().size() == 1);
  CHECK(scene.forge().hooks()[0].url == fmt::format("{}/hook/{}/github", scene.url(), scene.app()));
  const std::string commit = scene.push("v1");
  scene.await_answer("v1 blue");
  scene.await_told(commit, "success");
  scene.signal(SIGTERM);
  CHECK(scene.forge().hooks().empty());
  scene.start({"--observe"}); // as app.yml has it by now
  scene.await_log("the webhook at 'ada/shop' is created");
  CHECK(scene.log().find("right-token") == std::string::npos);
}

TEST_CASE("a token on the command line works and is warned about") {
  Scene scene;
  const Outcome outcome = scene.tealhook({"observe", scene.app(), "-pat=right-token", "-owner", "ada", "-repo=shop",
                                          "--url", scene.url(), "--api", scene.forge().api()});
  CHECK(outcome.succeeded());
  CHECK_THAT(outcome.tail, ContainsSubstring("warning: a token on the command line can be seen"));
  CHECK(outcome.tail.find("right-token") == std::string::npos);
  CHECK(scene.forge().hooks().size() == 1);
}

TEST_CASE("a forge that is away, refuses, limits or talks nonsense is told in words, and nothing is lost") {
  Scene scene;
  const auto fails = [&](std::vector<std::string> words, const std::string& with) {
    const Outcome outcome = scene.tealhook(std::move(words));
    check_error(outcome, 3, with);
  };
  scene.set_token("wrong-token");
  fails(scene.observe_words(), "127.0.0.1 does not take the token (401): it is wrong, or has expired: Bad credentials");
  fs::permissions(scene.file("token"), fs::perms(0644));
  check_error(scene.tealhook(scene.observe_words()), 2, "others may read the token in");
  scene.set_token("right-token");
  scene.forge().have_trouble(
      {.status = 403, .headers = {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "99999999999"}}});
  fails(scene.observe_words(), "takes no more requests until");
  scene.forge().have_trouble({.status = 200, .body = "<html>"});
  fails(scene.observe_words(), "answers nonsense when asked for the repository 'ada/shop': that is no JSON");
  scene.forge().have_trouble({.count = 3, .status = 502});
  fails(scene.observe_words(), "answers 502");
  CHECK(read_file(scene.host().home().app(scene.app()).settings()).find("sources") == std::string::npos);
  CHECK_FALSE(fs::exists(scene.secret_file()));

  REQUIRE(scene.observe() == "created");
  scene.forge().have_trouble({.count = 3, .status = 503});
  fails({"unobserve", scene.app()}, "nothing was changed: the source is still there");
  CHECK(fs::exists(scene.secret_file()));
  scene.forge().have_trouble({.count = 2, .status = 503});
  CHECK(text(scene.ask({"observers"}).at(0).at("state")) == "unreachable");
  scene.forge().have_trouble({.count = 3, .status = 503});
  const Outcome forced = scene.tealhook({"unobserve", scene.app(), "--force"});
  CHECK(forced.succeeded());
  CHECK_THAT(forced.tail, ContainsSubstring("warning: the webhook at the forge may still be there"));
  CHECK_FALSE(fs::exists(scene.secret_file()));
  CHECK(scene.forge().hooks().size() == 1);
  REQUIRE(scene.observe() == "mended"); // with the secret that is new here
  scene.forge().change_hooks([](auto& hooks) { hooks.clear(); });
  CHECK(text(scene.ask({"observers"}).at(0).at("state")) == "missing");
  CHECK(scene.ask({"unobserve", scene.app()}).at("removed") == 0);
}
