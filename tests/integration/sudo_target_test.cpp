// A target of kind command that runs as another user, by real sudo: what check says, what is run, and how it is ended.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/user.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/temp_folder.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

using namespace teal;

namespace {

namespace fs = std::filesystem;

void run_as_root(std::vector<std::string> arguments) {
  run_or_throw({.arguments = std::move(arguments), .environment = clean_environment()});
}

/// A user of this host, made and removed here.
class ThrowawayUser {
public:
  explicit ThrowawayUser(const std::string& prefix) : m_name(fmt::format("{}{}", prefix, ::getpid())) {
    run_as_root({"useradd", "--system", "--user-group", "--no-create-home", m_name});
  }
  ThrowawayUser(const ThrowawayUser&) = delete;
  ThrowawayUser& operator=(const ThrowawayUser&) = delete;
  ~ThrowawayUser() {
    static_cast<void>(run({.arguments = {"userdel", "--force", m_name}, .environment = clean_environment()}));
  }
  [[nodiscard]] const std::string& name() const { return m_name; }

private:
  std::string m_name;
};

/// A home of a user who is not root, with an app whose target runs as yet another user.
class SudoHost {
public:
  SudoHost() {
    fs::permissions(m_folder.path(), fs::perms(0755));
    TestHost::install_below(m_folder.path() / "prefix");
    fs::create_directories(home());
    run_as_root({"chown", m_owner.name() + ":", home().string()});
    tealhook_ok({"setup", "--registry", fmt::format("localhost:{}", free_port())});
    tealhook_ok({"app", "create", "shop"});
    m_ports = read_file(settings_file());
    git({"init", "-q", "-b", "main"}, source());
  }
  SudoHost(const SudoHost&) = delete;
  SudoHost& operator=(const SudoHost&) = delete;
  ~SudoHost() { fs::remove(sudoers()); }

  /// The owner of the home may run that as the other user, without a password.
  void allow(const std::string& what) const {
    write_file(sudoers(), fmt::format("{} ALL=({}) NOPASSWD: {}\n", m_owner.name(), m_worker.name(), what), 0440);
  }
  void set(const std::string& run, const std::string& more = "") const {
    write_file(settings_file(), fmt::format("{}\ntargets: {{site: {{kind: command, run: {}, user: {}{}}}}}\n", m_ports,
                                            run, m_worker.name(), more));
    run_as_root({"chown", m_owner.name() + ":", settings_file().string()});
  }
  [[nodiscard]] Command deploy_command() const {
    return {.arguments = {tool(), "deploy", "shop", "--target", "site", "--rev", "main"}, .environment = environment()};
  }
  [[nodiscard]] Outcome deploy() const { return run(deploy_command()); }
  [[nodiscard]] Outcome tealhook(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), tool());
    return run({.arguments = std::move(arguments), .environment = environment()});
  }
  /// Commits, and brings it to the home's repository without a push, which nothing deploys.
  void commit(const std::string& version) const {
    write_file(source() / "version", version + "\n");
    git({"add", "-A"}, source());
    git({"commit", "-q", "-m", "Say " + version}, source());
    const auto blue = home() / "apps/shop/blue.git";
    run_as_root({"chown", "-R", "root:", blue.string()}); // else git refuses it
    git({"-c", "core.hooksPath=/dev/null", "push", "-q", "--receive-pack=git -c core.hooksPath=/dev/null receive-pack",
         blue.string(), "main"},
        source());
    run_as_root({"chown", "-R", m_owner.name() + ":", blue.string()});
  }
  [[nodiscard]] const std::string& worker() const { return m_worker.name(); }
  [[nodiscard]] fs::path home() const { return m_folder.path() / "home"; }
  [[nodiscard]] const fs::path& folder() const { return m_folder.path(); }

private:
  [[nodiscard]] fs::path source() const { return m_source.path(); }
  [[nodiscard]] fs::path settings_file() const { return home() / "apps/shop/app.yml"; }
  [[nodiscard]] fs::path sudoers() const { return "/etc/sudoers.d/" + m_owner.name(); }
  [[nodiscard]] std::string tool() const { return (m_folder.path() / "prefix/bin/tealhook").string(); }
  void tealhook_ok(const std::vector<std::string>& arguments) const {
    const Outcome outcome = tealhook(arguments);
    INFO(outcome.tail);
    REQUIRE(outcome.succeeded());
  }
  [[nodiscard]] Environment environment() const {
    Environment environment = clean_environment();
    environment["TEALHOOK_HOME"] = home().string();
    environment["GIT_CONFIG_GLOBAL"] = environment["GIT_CONFIG_SYSTEM"] = "/dev/null";
    for (const char* role : {"AUTHOR", "COMMITTER"}) {
      environment[fmt::format("GIT_{}_NAME", role)] = "Ada";
      environment[fmt::format("GIT_{}_EMAIL", role)] = "ada@example.com";
    }
    return environment;
  }
  void git(std::vector<std::string> arguments, const fs::path& directory) const {
    arguments.insert(arguments.begin(), "git");
    run_or_throw({.arguments = std::move(arguments), .directory = directory, .environment = environment()});
  }

  TempFolder m_folder;
  TempFolder m_source;
  ThrowawayUser m_owner{"tealh"};
  ThrowawayUser m_worker{"tealw"};
  std::string m_ports;
};

/// Only root can make users.
bool is_root() {
  return ::geteuid() == 0;
}

} // namespace

TEST_CASE("a command runs as another user by sudo, which check proves, with its variables and no terminal") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  const SudoHost host;
  host.commit("v1");
  host.set("'echo I am $(id -un) with $MODE and $TEALHOOK_APP in $(cat version); tty || true'",
           ", env: {MODE: production}");
  const Outcome refused = host.tealhook({"check", "shop"});
  CHECK_THAT(refused.tail, ContainsSubstring("without a password; a line for /etc/sudoers.d: "));
  const Outcome failed = host.deploy();
  CHECK(failed.exit_code == 1);
  CHECK_THAT(failed.tail, ContainsSubstring("a password is required"));

  host.allow("ALL");
  CHECK_THAT(host.tealhook({"check", "shop"}).tail,
             ContainsSubstring(fmt::format("runs as '{}', without a password", host.worker())));
  const Outcome done = host.deploy();
  CHECK(done.exit_code == 0);
  CHECK_THAT(done.tail, ContainsSubstring(fmt::format("I am {} with production and shop in v1", host.worker())) &&
                            ContainsSubstring("not a tty"));
}

TEST_CASE("what another user runs is ended at its deadline, and where its runner was killed") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  const SudoHost host;
  host.allow("ALL");
  host.commit("v1");
  host.set("'trap \"\" TERM; while :; do sleep 1; done'", ", deadline: 1s");
  const Outcome hung = host.deploy();
  CHECK(hung.exit_code == 1);
  CHECK_THAT(hung.tail, ContainsSubstring("did not end within 1s"));
  CHECK_FALSE(fs::exists(host.home() / "apps/shop/targets/site/running"));

  const fs::path go = host.folder() / "go";
  const std::string script = fmt::format("until test -e {}; do sleep 0.1; done", go.string());
  host.set("'" + script + "'");
  const Background deployment(host.deploy_command());
  const auto command = [&] { return find_process({"-c", script}); };
  wait_until([&] { return command().has_value(); }, k_patience, "the command");
  const auto runner = find_process({"--home", host.home().string(), "runner", "shop"});
  REQUIRE(runner);
  const auto first = command().value();
  ::kill(runner->pid, SIGKILL);
  wait_until([&] { return !is_alive(first); }, k_patience, "the end of what the killed runner had started");
  write_file(go, "");
  const std::string told = deployment.finish();
  CHECK_THAT(told,
             ContainsSubstring("still ran, for its runner was killed; it is ended") && ContainsSubstring("live in "));
}

TEST_CASE("a program that alone is allowed runs, and check says that it could not be ended") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  const SudoHost host;
  host.commit("v1");
  host.set("[/usr/bin/id, -un]");
  host.allow("SETENV: /usr/bin/id -un");
  CHECK_THAT(host.tealhook({"check", "shop"}).tail, ContainsSubstring("past its deadline it could not be ended"));
  const Outcome done = host.deploy();
  CHECK(done.exit_code == 0);
  CHECK_THAT(done.tail, ContainsSubstring("| " + host.worker() + "\n"));
}
