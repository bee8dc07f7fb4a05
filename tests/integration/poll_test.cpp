// Polling: a real sshd with keys that may read and keys that may write, and what becomes of what is pushed there.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "process/user.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/served_app.hpp"
#include "support/ssh_server.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <csignal>
#include <optional>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// An app whose source is a repository that sshd gives to two keys: one that may read, and one that may write.
class Forge {
public:
  Forge()
      : m_server(m_host.environment(),
                 fmt::format("AuthorizedKeysFile {}/authorized\nStrictModes no", m_folder.path().string())),
        m_listen(m_host.home().settings(), "#listen: 127.0.0.1:8888",
                 fmt::format("listen: 127.0.0.1:{}", free_port())) {
    m_project.git({"init", "--quiet", "--bare", remote().string()});
    write_file(m_folder.path() / "read-only",
               "#!/bin/sh\ncase \"$SSH_ORIGINAL_COMMAND\" in\n"
               "git-upload-pack*) exec git shell -c \"$SSH_ORIGINAL_COMMAND\" ;;\n"
               "esac\necho 'this key may only read' >&2\nexit 1\n",
               0755);
    write_file(m_folder.path() / "authorized",
               fmt::format("command=\"{}\",restrict {}restrict {}", (m_folder.path() / "read-only").string(),
                           m_server.make_key("reader"), m_server.make_key("writer")));
    fs::permissions(m_folder.path(), fs::perms(0755));
    for (const char* file : {"reader", "writer", "known_hosts"}) {
      fs::copy_file(m_server.file(file), m_host.home().app(m_app).root / file);
    }
  }
  ~Forge() {
    if (m_daemon) {
      end_process(*m_daemon, k_patience);
    }
    m_host.await_rest(m_app);
  }
  Forge(const Forge&) = delete;
  Forge& operator=(const Forge&) = delete;

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] const Project& project() const { return m_project; }
  [[nodiscard]] fs::path remote() const { return m_folder.path() / "remote.git"; }
  [[nodiscard]] fs::path file(const std::string& name) const { return m_host.home().app(m_app).root / name; }
  [[nodiscard]] std::string url(std::uint16_t port = 0) const {
    return fmt::format("ssh://{}@127.0.0.1:{}{}", user_name(), port == 0 ? m_server.port() : port, remote().string());
  }
  /// `what`: the branch or tag; `more`: over what is usual.
  void poll(const std::string& what = "branch: main", const std::string& key = "reader", const std::string& where = "",
            const std::string& rules = "rules: [{branch: main, deploy: blue}, {tag: 'v*', deploy: blue}]") const {
    m_host.set_settings(m_app, fmt::format("{}\nsources: [{{name: mirror, kind: poll, url: '{}', {}, interval: 1s, "
                                           "key: {}, known_hosts: known_hosts}}]\n",
                                           rules, where.empty() ? url() : where, what, key));
  }
  std::string publish(const std::string& version) const {
    std::string commit = m_project.commit(version);
    m_project.git({"push", "--quiet", "--force", remote().string(), "main"});
    return commit;
  }

  void start() {
    m_daemon = start_detached({.arguments = {TestHost::tool().string(), "serve"}, .environment = m_host.environment()},
                              m_folder.path() / "log");
    await_log("all is as it should be");
  }
  [[nodiscard]] std::string log() const {
    return fs::exists(m_folder.path() / "log") ? read_file(m_folder.path() / "log") : "";
  }
  void await_log(const std::string& words) const {
    wait_until([&] { return log().find(words) != std::string::npos; }, k_patience, words + ", of:\n" + log());
  }
  void await_answer(const std::string& answer) const {
    wait_until([&] { return m_host.answer(m_app, Color::blue) == answer; }, k_patience, answer + ", of:\n" + log());
  }
  [[nodiscard]] std::vector<Deployment> deployments() const {
    Database database(m_host.home().store());
    return History(database).deployments(m_app, 100);
  }
  /// `poll --once --json` of the app: its only source.
  [[nodiscard]] json::value once(int exit_code = 0) const {
    const Outcome outcome = m_host.tealhook({"poll", "--once", m_app, "--json"});
    INFO(outcome.tail);
    CHECK(outcome.exit_code == exit_code);
    return json::parse(outcome.output).at(0);
  }
  [[nodiscard]] std::string finding(bool is_good) const {
    const Outcome outcome = m_host.tealhook({"check", m_app, "--json"});
    const json::value answer = json::parse(outcome.output);
    for (const json::value& one : answer.at("findings").as_array()) {
      if (one.at("subject").as_string() == m_app + ": source mirror") {
        CHECK(one.at("good").as_bool() == is_good);
        return {one.at("text").as_string().data(), one.at("text").as_string().size()};
      }
    }
    FAIL("no finding of the source: " << outcome.tail);
    return "";
  }

private:
  TempFolder m_folder;
  TestHost m_host;
  std::string m_app = m_host.create_app();
  Project m_project{m_host};
  SshServer m_server;
  ChangedFile m_listen;
  std::optional<ProcessId> m_daemon;
};

std::string text_of(const json::value& value) {
  return {value.as_string().data(), value.as_string().size()};
}

} // namespace

TEST_CASE("the daemon deploys what comes to a branch by a key that may only read, wherever that is forced to") {
  Forge forge;
  const std::string first = forge.publish("v1");
  forge.poll();
  forge.start();
  forge.await_answer("v1 blue");
  CHECK(forge.deployments().front().event.trigger == Trigger::poll);
  CHECK(forge.deployments().front().event.who == "source:mirror");
  CHECK(forge.publish("v2") != first);
  forge.await_answer("v2 blue");
  forge.project().git({"push", "--quiet", "--force", forge.remote().string(), first + ":main"});
  forge.await_answer("v1 blue");
  forge.project().git({"push", "--quiet", forge.remote().string(), "HEAD:refs/heads/other", ":main"});
  forge.await_log("'main' is gone there");
  forge.host().await_rest(forge.app());
  CHECK(forge.deployments().size() == 3);
  CHECK(forge.host().answer(forge.app(), Color::blue) == "v1 blue");
}

TEST_CASE("a source that comes with the settings is polled, and a commit that is refused is not fetched again") {
  Forge forge;
  forge.start();
  static_cast<void>(forge.publish("v1 [skip deploy]"));
  forge.poll();
  forge.await_log("its message says to skip it");
  const auto objects = [&] { return forge.host().home().app(forge.app()).source_repository("mirror") / "refs/source"; };
  const auto fetched = fs::last_write_time(objects());
  static_cast<void>(forge.publish("v2"));
  forge.await_answer("v2 blue");
  CHECK(fs::last_write_time(objects()) >= fetched);
  const std::string log = forge.log();
  CHECK(log.find("says to skip it") == log.rfind("says to skip it"));
  CHECK(forge.deployments().size() == 1);
}

TEST_CASE("a host that is away is told once, and polled when it is back") {
  Forge forge;
  static_cast<void>(forge.publish("v1"));
  forge.poll("branch: main", "reader", forge.url(free_port()));
  forge.start();
  forge.await_log("is asked ever more rarely");
  forge.poll();
  forge.await_log("can be looked at again");
  forge.await_answer("v1 blue");
}

TEST_CASE("poll --once deploys what is new and says what each source was") {
  Forge forge;
  const std::string first = forge.publish("v1");
  forge.poll();
  const json::value changed = forge.once();
  CHECK(text_of(changed.at("state")) == "changed");
  CHECK(text_of(changed.at("deliveries").at(0).at("commit")) == first);
  CHECK_THAT(text_of(changed.at("deliveries").at(0).at("outcome")), ContainsSubstring("deployment 1 to blue"));
  forge.await_answer("v1 blue");
  CHECK(text_of(forge.once().at("state")) == "unchanged");
  CHECK_THAT(forge.host().tealhook_ok({"poll", "--once"}), ContainsSubstring("mirror  unchanged"));
  forge.poll("branch: main", "reader", forge.url(free_port()));
  const json::value away = forge.once(3);
  CHECK(text_of(away.at("state")) == "unreachable");
  CHECK_THAT(text_of(away.at("reason")), ContainsSubstring("cannot ask '"));
  CHECK(forge.host().tealhook({"poll", forge.app()}).exit_code == 2);
  forge.host().await_rest(forge.app());
  CHECK(forge.deployments().size() == 1);
}

TEST_CASE("of tags that match the highest is deployed first, then each that is new or moves") {
  Forge forge;
  for (const char* tag : {"v1.9", "v1.10", "other"}) {
    static_cast<void>(forge.publish(tag));
    forge.project().git({"push", "--quiet", forge.remote().string(), fmt::format("HEAD:refs/tags/{}", tag)});
  }
  forge.poll("tag: 'v*'");
  static_cast<void>(forge.once());
  forge.await_answer("v1.10 blue");
  static_cast<void>(forge.publish("v2"));
  forge.project().git({"tag", "-a", "v2", "-m", "the second one"});
  forge.project().git({"push", "--quiet", forge.remote().string(), "v2"});
  static_cast<void>(forge.once());
  forge.await_answer("v2 blue");
  static_cast<void>(forge.publish("v2 again"));
  forge.project().git({"push", "--quiet", "--force", forge.remote().string(), "HEAD:refs/tags/v2"});
  static_cast<void>(forge.once());
  forge.await_answer("v2 again blue");
  forge.host().await_rest(forge.app());
  CHECK(forge.deployments().size() == 3);
}

TEST_CASE("what rules refused is deployed once they are mended, without another commit") {
  Forge forge;
  static_cast<void>(forge.publish("v1"));
  forge.poll("branch: main", "reader", "", "rules: [{branch: main, deploy: none}]");
  const json::value refused = forge.once();
  CHECK(text_of(refused.at("deliveries").at(0).at("status")) == "refused");
  CHECK(text_of(forge.once().at("state")) == "unchanged");
  forge.poll();
  CHECK(text_of(forge.once().at("deliveries").at(0).at("status")) == "done");
  forge.await_answer("v1 blue");
}

TEST_CASE("a host whose key is another one than that in known_hosts is not believed, and none is put there") {
  Forge forge;
  static_cast<void>(forge.publish("v1"));
  forge.poll();
  const std::string known = read_file(forge.file("known_hosts"));
  write_file(forge.file("known_hosts"),
             known.substr(0, known.find(' ')) +
                 " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n");
  const std::string pinned = read_file(forge.file("known_hosts"));
  CHECK_THAT(text_of(forge.once(3).at("reason")), ContainsSubstring("verification failed"));
  CHECK_THAT(forge.finding(false), ContainsSubstring("verification failed"));
  CHECK(read_file(forge.file("known_hosts")) == pinned);
  write_file(forge.file("known_hosts"), "");
  CHECK_THAT(text_of(forge.once(3).at("reason")), ContainsSubstring("verification failed"));
  CHECK_THAT(forge.finding(false), ContainsSubstring("has no key of '[127.0.0.1]:"));
  CHECK(read_file(forge.file("known_hosts")).empty());
  CHECK(forge.deployments().empty());
}

TEST_CASE("check tells a deploy key that may write from one that may only read, and writes nothing") {
  Forge forge;
  static_cast<void>(forge.publish("v1"));
  const auto refs = [&] { return forge.project().git({"ls-remote", forge.remote().string()}); };
  const std::string before = refs();
  forge.poll();
  CHECK_THAT(forge.finding(true),
             ContainsSubstring("'main' is ") && ContainsSubstring("its key can read, and cannot write"));
  forge.poll("branch: main", "writer");
  CHECK_THAT(forge.finding(true), ContainsSubstring("warning: this deploy key may write there, too"));
  fs::permissions(forge.file("writer"), fs::perms(0644));
  CHECK_THAT(forge.finding(false), ContainsSubstring("is not its owner's alone: chmod 600"));
  CHECK(refs() == before);
}
