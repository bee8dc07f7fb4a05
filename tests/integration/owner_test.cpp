// Root at work on a home that belongs to somebody else: every file stays that user's.
#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/user.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/test_host.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace teal;

namespace {

namespace fs = std::filesystem;

uid_t owner_of(const fs::path& file) {
  struct stat facts {};
  REQUIRE(::lstat(file.c_str(), &facts) == 0);
  return facts.st_uid;
}

/// The group that may speak to the engine.
std::string engine_group() {
  struct stat facts {};
  REQUIRE(::stat("/var/run/docker.sock", &facts) == 0);
  const group* found = ::getgrgid(facts.st_gid);
  REQUIRE(found != nullptr);
  return found->gr_name;
}

/// A user of this host, made and removed here, with a home folder of tealhook and one that programs call HOME.
class OtherUser {
public:
  OtherUser() {
    static int s_count = 0;
    m_name = fmt::format("teal{}x{}", ::getpid(), ++s_count);
    fs::permissions(m_folder.path(), fs::perms(0755));
    TestHost::install_below(m_folder.path() / "prefix");
    run_or_throw({.arguments = {"useradd", "--system", "--no-user-group", "--groups", engine_group(), "--home-dir",
                                home_folder().string(), m_name},
                  .environment = clean_environment()});
    m_uid = ::getpwnam(m_name.c_str())->pw_uid;
    for (const auto& folder : {home_folder(), home()}) {
      fs::create_directory(folder);
      REQUIRE(::chown(folder.c_str(), m_uid, ::getpwnam(m_name.c_str())->pw_gid) == 0);
    }
  }
  OtherUser(const OtherUser&) = delete;
  OtherUser& operator=(const OtherUser&) = delete;
  ~OtherUser() {
    static_cast<void>(tealhook({"registry", "down"}));
    static_cast<void>(run({.arguments = {"userdel", "--force", m_name}, .environment = clean_environment()}));
  }

  [[nodiscard]] uid_t uid() const { return m_uid; }
  [[nodiscard]] fs::path home() const { return m_folder.path() / "tealhook"; }
  [[nodiscard]] const fs::path& folder() const { return m_folder.path(); }
  [[nodiscard]] Outcome as_user(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"runuser", "-u", m_name, "--"});
    return run({.arguments = std::move(arguments), .directory = "/", .environment = environment()});
  }
  [[nodiscard]] Outcome tealhook(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), tool());
    return run({.arguments = std::move(arguments), .environment = environment(), .deadline = std::chrono::minutes(2)});
  }
  void tealhook_ok(const std::vector<std::string>& arguments) const {
    const Outcome outcome = tealhook(arguments);
    INFO(arguments.front() << ": " << outcome.tail);
    REQUIRE(outcome.succeeded());
  }

  [[nodiscard]] std::string tool() const { return (m_folder.path() / "prefix/bin/tealhook").string(); }

private:
  [[nodiscard]] fs::path home_folder() const { return m_folder.path() / "user"; }
  [[nodiscard]] Environment environment() const {
    Environment environment = clean_environment();
    environment["TEALHOOK_HOME"] = home().string();
    environment["GIT_CONFIG_GLOBAL"] = environment["GIT_CONFIG_SYSTEM"] = "/dev/null";
    return environment;
  }

  TempFolder m_folder;
  std::string m_name;
  uid_t m_uid = 0;
};

/// Files below `folder` that are not that user's.
std::vector<std::string> strangers(const fs::path& folder, uid_t owner) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (owner_of(entry.path()) != owner) {
      found.push_back(entry.path().string());
    }
  }
  return found;
}

/// Only root can make users.
bool is_root() {
  return ::geteuid() == 0;
}

} // namespace

TEST_CASE("whatever root does in another user's home, the files stay that user's") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  TestHost host; // for the project's sake
  const OtherUser user;
  const std::string app = fmt::format("owned{}", ::getpid());
  user.tealhook_ok({"setup", "--router", "none", "--registry", fmt::format("localhost:{}", free_port()),
                    "--registry-auth", "htpasswd"});
  user.tealhook_ok({"registry", "up"});
  user.tealhook_ok({"app", "create", app});
  const Home home{user.home()};
  CHECK(strangers(home.root, user.uid()).empty());

  const Project project(host);
  project.commit("v1");
  const auto bundle = user.folder() / "project.bundle";
  project.git({"bundle", "create", "-q", bundle.string(), "main"});
  const Outcome fetched = user.as_user({"git", "--git-dir=" + home.app(app).repository(Color::green).string(), "fetch",
                                        "-q", bundle.string(), "main:main"});
  INFO(fetched.tail);
  REQUIRE(fetched.succeeded());
  const Outcome deployed = user.tealhook({"deploy", app, "--color", "green"});
  INFO(deployed.tail);
  CHECK(deployed.succeeded());
  CHECK_THAT(user.tealhook({"history", app, "--json"}).output, ContainsSubstring("\"who\":\"root\""));
  user.tealhook_ok({"freeze", app, "-m", "stocktaking"});
  CHECK_THAT(user.tealhook({"deploy", app}).tail, ContainsSubstring("is frozen by root since"));
  user.tealhook_ok({"unfreeze", app});
  user.tealhook_ok({"check"});
  user.tealhook_ok({"status"});
  await_rest(home, app);
  CHECK(strangers(user.folder() / "user", user.uid()).empty());
  CHECK(strangers(home.root, user.uid()).empty());

  write_file(home.app(app).settings(), read_file(home.app(app).settings()) + "\ngate: true\n");
  REQUIRE(::chown(home.app(app).settings().c_str(), user.uid(), static_cast<gid_t>(-1)) == 0);
  project.commit("v2");
  project.git({"push", "-q", "--receive-pack=git -c safe.directory=* receive-pack",
               home.app(app).repository(Color::green).string(), "main"}); // root's, into the user's repository
  CHECK_THAT(user.tealhook({"history", app, "--json"}).output, ContainsSubstring("built by the gate"));
  await_rest(home, app);
  CHECK(strangers(home.app(app).gate(), user.uid()).empty());
  give_to_owner_of(home.root, home.app(app).repository(Color::green)); // what git made there is root's

  user.tealhook_ok({"app", "remove", app, "--yes"});
  CHECK(strangers(home.root, user.uid()).empty());
}

TEST_CASE("hooks that root installs and removes in a user's repository stay that user's") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  TestHost host;
  const std::string app = host.create_app();
  const OtherUser user;
  const auto repository = user.home() / "own.git";
  REQUIRE(user.as_user({"git", "init", "-q", "--bare", repository.string()}).succeeded());
  fs::permissions(host.home().root.parent_path(), fs::perms(0755));
  host.tealhook_ok({"hook", "install", repository.string(), "--app", app, "--color", "blue"});
  CHECK(fs::is_symlink(repository / "hooks/post-receive"));
  CHECK(strangers(repository, user.uid()).empty());
  host.tealhook_ok({"hook", "remove", repository.string()});
  CHECK(strangers(repository, user.uid()).empty());
}

TEST_CASE("a user who may not write to a home, or not speak to the engine, is told so") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  TestHost host;
  const OtherUser user;
  fs::permissions(host.home().root.parent_path(), fs::perms(0755));
  const std::string tool = user.tool();
  const std::string home = host.home().root.string();
  for (const char* command : {"status", "setup"}) {
    const Outcome outcome = user.as_user({tool, "--home", home, command});
    INFO(outcome.tail);
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.tail, ContainsSubstring("permission denied") && ContainsSubstring(home));
    CHECK(outcome.output.empty());
  }
  const Outcome made = user.as_user({tool, "--home", "/usr/tealhook-test", "setup"});
  CHECK(made.exit_code == 3);
  CHECK_THAT(made.tail, ContainsSubstring("cannot make the folder '/usr/tealhook-test': permission denied"));

  user.tealhook_ok({"setup"});
  const Outcome unlet = run({.arguments = {"setpriv", "--reuid", std::to_string(user.uid()), "--regid", "65534",
                                           "--clear-groups", tool, "--home", user.home().string(), "check"},
                             .environment = host.environment()});
  INFO(unlet.tail);
  CHECK(unlet.exit_code == 3);
  CHECK_THAT(unlet.output, ContainsSubstring("docker.sock"));
  CHECK_THAT(unlet.output, ContainsSubstring("permission"));
}
