// Keys and tokens: a server whose home is a user's of its own, a real sshd, and people who may some things and not
// others.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/user.hpp"
#include "support/shell.hpp"
#include "support/ssh_server.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

bool is_root() {
  return ::geteuid() == 0;
}

/// Made by `setup --user`, as root, with two apps; and people's keys.
class KeyServer {
public:
  explicit KeyServer(bool with_registry = true)
      : m_sshd(clean_environment(), "AcceptEnv *\nSubsystem sftp internal-sftp"), m_shop(unique_name("shop")),
        m_blog(unique_name("blog")) {
    static int s_count = 0;
    m_user = fmt::format("teal{}k{}", ::getpid(), ++s_count);
    fs::permissions(m_folder.path(), fs::perms(0755));
    TestHost::install_below(m_folder.path() / "prefix");
    m_setup = tealhook(
        {"setup", "--user", m_user, "--router", "none", "--registry", fmt::format("localhost:{}", free_port())});
    INFO(m_setup.tail);
    REQUIRE(m_setup.succeeded());
    if (with_registry) {
      ok({"registry", "up"});
    }
    for (const std::string& app : {m_shop, m_blog}) {
      ok({"app", "create", app});
    }
  }
  KeyServer(const KeyServer&) = delete;
  KeyServer& operator=(const KeyServer&) = delete;
  ~KeyServer() {
    for (const std::string& app : {m_shop, m_blog}) {
      static_cast<void>(tealhook({"app", "remove", app, "--yes"}));
    }
    static_cast<void>(tealhook({"registry", "down"}));
    static_cast<void>(run({.arguments = {"userdel", "--force", m_user}, .environment = clean_environment()}));
  }

  [[nodiscard]] Outcome tealhook(std::vector<std::string> arguments, const std::string& input = {}) const {
    arguments.insert(arguments.begin(), tool());
    Environment environment = clean_environment();
    environment["TEALHOOK_HOME"] = home().root.string();
    return run({.arguments = std::move(arguments),
                .environment = environment,
                .input = input,
                .deadline = std::chrono::minutes(2)});
  }
  std::string ok(const std::vector<std::string>& arguments, const std::string& input = {}) const {
    const Outcome outcome = tealhook(arguments, input);
    INFO(join(arguments, " ") << ": " << outcome.tail);
    REQUIRE(outcome.succeeded());
    return outcome.output;
  }
  /// Makes a key of that name, and lets it in.
  void let_in(const std::string& name, const std::string& app, const std::string& verbs) const {
    ok({"key", "add", name, "--app", app, "--can", verbs}, m_sshd.make_key(name));
  }
  /// What ssh says and answers to who comes with that key, with further options of ssh before the words.
  [[nodiscard]] Outcome ssh(const std::string& key, const std::string& words,
                            const std::vector<std::string>& options = {}) const {
    std::vector<std::string> command = m_sshd.client(key);
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), {"--", fmt::format("{}@127.0.0.1", m_user)}); // words may begin with '-'
    if (!words.empty()) {
      command.push_back(words);
    }
    return run(
        {.arguments = std::move(command), .environment = clean_environment(), .deadline = std::chrono::minutes(2)});
  }
  [[nodiscard]] Outcome git(const std::string& key, std::vector<std::string> arguments, const fs::path& folder) const {
    arguments.insert(arguments.begin(), "git");
    Command command{.arguments = std::move(arguments),
                    .directory = folder,
                    .environment = clean_environment(),
                    .deadline = std::chrono::minutes(2)};
    command.environment["GIT_CONFIG_GLOBAL"] = command.environment["GIT_CONFIG_SYSTEM"] = "/dev/null";
    command.environment["GIT_SSH"] = m_sshd.client_script(key);
    return run(command);
  }
  /// "user@127.0.0.1:PATH", as people write a remote.
  [[nodiscard]] std::string remote(const std::string& path) const {
    return fmt::format("{}@127.0.0.1:{}", m_user, path);
  }
  [[nodiscard]] json::array audit(const std::vector<std::string>& arguments = {}) const {
    std::vector<std::string> command{"audit", "--json"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return json::parse(ok(command)).as_array();
  }

  [[nodiscard]] Home home() const { return {m_folder.path() / "tealhook"}; }
  [[nodiscard]] fs::path authorized_keys() const { return home().root / ".ssh/authorized_keys"; }
  [[nodiscard]] const std::string& shop() const { return m_shop; }
  [[nodiscard]] const std::string& blog() const { return m_blog; }
  [[nodiscard]] const std::string& user() const { return m_user; }
  [[nodiscard]] const Outcome& setup() const { return m_setup; }
  [[nodiscard]] const SshServer& sshd() const { return m_sshd; }
  [[nodiscard]] const fs::path& folder() const { return m_folder.path(); }
  [[nodiscard]] std::string tool() const { return (m_folder.path() / "prefix/bin/tealhook").string(); }

private:
  TempFolder m_folder;
  SshServer m_sshd;
  std::string m_user;
  std::string m_shop;
  std::string m_blog;
  Outcome m_setup;
};

/// The newest of that verb in an audit; null if there is none.
json::value newest(const json::array& audit, std::string_view verb) {
  const auto found =
      std::find_if(audit.begin(), audit.end(), [&](const json::value& row) { return text(row.at("verb")) == verb; });
  return found == audit.end() ? json::value(nullptr) : *found;
}

} // namespace

TEST_CASE("a key pushes to its app and deploys it, goes back by ssh, and the audit says all of it") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  TestHost host; // for the project's sake
  const KeyServer server;
  server.let_in("anna", server.shop(), "push,logs,rollback,read");
  const Project project(host);
  project.commit("v1");
  const Outcome pushed = server.git("anna", {"push", server.remote(server.shop() + "/blue"), "main"}, project.path());
  INFO(pushed.tail << server.sshd().log());
  REQUIRE(pushed.succeeded());
  CHECK_THAT(pushed.tail, ContainsSubstring("remote: ready in "));
  project.commit("v2");
  REQUIRE(server.git("anna", {"push", server.remote("/" + server.shop() + "/blue.git"), "main"}, project.path())
              .succeeded());

  CHECK_THAT(server.ssh("anna", "status").output,
             ContainsSubstring(server.shop()) && !ContainsSubstring(server.blog()));
  CHECK_THAT(server.ssh("anna", "history " + server.shop()).output, ContainsSubstring("push by key:anna"));
  CHECK_THAT(server.ssh("anna", "logs 2").output, ContainsSubstring("ready in "));
  CHECK_THAT(server.ssh("anna", fmt::format("logs {} --json", server.shop())).output, ContainsSubstring("\"id\":2"));
  const Outcome back = server.ssh("anna", fmt::format("rollback {} 1", server.shop()));
  INFO(back.tail);
  CHECK(back.exit_code == 0);
  CHECK_THAT(back.output, ContainsSubstring("ready in "));
  CHECK_THAT(server.ssh("anna", fmt::format("switch {} green", server.shop())).tail,
             ContainsSubstring(fmt::format("error: key:anna may not 'switch' app '{}'", server.shop())));

  const json::array audit = server.audit({server.shop()});
  const json::value push = newest(audit, "push");
  CHECK(push.at("who") == "key:anna");
  CHECK(push.at("door") == "push");
  CHECK(push.at("from") == "127.0.0.1");
  CHECK(push.at("deployment") == 2);
  CHECK(push.at("refused") == false);
  CHECK(newest(audit, "rollback").at("who") == "key:anna");
  CHECK(newest(audit, "rollback").at("from") == "127.0.0.1");
  CHECK(newest(audit, "switch").at("refused") == true);
  CHECK(newest(audit, "key add").at("who") == "root");
  CHECK(newest(audit, "create").at("who") == "root");
  const auto key = json::parse(server.ok({"key", "list", "--json"})).at(0);
  CHECK(key.at("name") == "anna");
  CHECK(key.at("last_used").is_string());
}

TEST_CASE("a key that manages an app sets its environment and runs commands in it, and another may not") {
  const KeyServer server;
  const TestHost host; // whose project is pushed
  const Project project(host);
  server.let_in("anna", server.shop(), "push,read,deploy,manage");
  server.let_in("ben", server.shop(), "read,deploy");
  project.commit("v1");
  REQUIRE_THAT(server.git("anna", {"push", server.remote(server.shop() + "/blue"), "main"}, project.path()).tail,
               ContainsSubstring("ready in "));
  const auto ask = [&](const std::string& key, const std::string& words) {
    return server.ssh(key, fmt::format(fmt::runtime(words), server.shop()));
  };
  CHECK_THAT(ask("anna", "env {} set GREETING=hi").tail, ContainsSubstring("ready in "));
  CHECK_THAT(ask("anna", "env {} --show").output, ContainsSubstring("hi"));
  CHECK(ask("anna", "run {} -- /program --exit 9").exit_code == 9);
  CHECK(ask("anna", "exec {} -- /program --exit 8").exit_code == 8);
  CHECK(ask("anna", "stop {} --yes").succeeded());
  CHECK(ask("anna", "start {}").succeeded());
  CHECK_THAT(ask("ben", "restart {}").tail, ContainsSubstring("ready in "));
  CHECK(ask("ben", "open {}").succeeded());
  for (const char* words : {"env {}", "env {} set A=1", "run {} -- /program", "exec {} -- /program", "stop {} --yes",
                            "start {}", "route {} add a.example.com", "logs {} --program"}) {
    INFO(words);
    CHECK(ask("ben", words).exit_code == 2);
  }
  CHECK(newest(server.audit(), "run").at("who") == "key:anna");
  CHECK(newest(server.audit(), "env set").at("text") == "GREETING");
}

TEST_CASE("a key reaches its app's repositories in each spelling and no other, and is not told which there are") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  TestHost host;
  const KeyServer server(false);
  server.let_in("anna", server.shop(), "push,read");
  const Project project(host);
  project.commit("v1");
  const std::string shop = server.shop();
  const std::string apps = server.home().apps().string();
  for (const std::string& path : {shop + "/blue", "/" + shop + "/green", shop + "/blue.git", "~/" + shop + "/blue",
                                  fmt::format("{}/{}/blue.git", apps, shop), fmt::format("{}/{}/green", apps, shop)}) {
    INFO(path);
    const Outcome pushed = server.git("anna", {"push", "-f", server.remote(path), "main:feature"}, project.path());
    INFO(pushed.tail);
    CHECK(pushed.succeeded());
    CHECK_THAT(server.git("anna", {"ls-remote", server.remote(path)}, project.path()).output,
               ContainsSubstring("refs/heads/feature"));
  }
  const std::string blog = server.blog();
  for (const std::string& path :
       {blog + "/blue", "/" + blog + "/blue.git", fmt::format("{}/{}/blue.git", apps, blog), std::string("nosuch/blue"),
        fmt::format("{}/../{}/blue", shop, blog), fmt::format("./{}/blue", shop),
        fmt::format("{}/{}/../{}/blue.git", apps, shop, blog), shop + "//blue", shop + "/../../x",
        "~root/" + shop + "/blue", std::string("/etc/passwd"), shop + "/blue' '" + blog + "/blue", shop + "/blue;id",
        "$(touch " + server.folder().string() + "/owned)/blue", shop + "/blue.git/objects"}) {
    INFO(path);
    const Outcome pushed = server.git("anna", {"push", server.remote(path), "main:feature"}, project.path());
    INFO(pushed.tail);
    CHECK_FALSE(pushed.succeeded());
    CHECK_THAT(pushed.tail,
               ContainsSubstring(fmt::format("error: there is no repository '{}' that key:anna may push to\n", path)));
    CHECK_FALSE(server.git("anna", {"ls-remote", server.remote(path)}, project.path()).succeeded());
  }
  CHECK_FALSE(fs::exists(server.folder() / "owned"));
  const json::value refused = newest(server.audit({blog}), "push");
  CHECK(refused.at("refused") == true);
  CHECK(refused.at("who") == "key:anna");
  CHECK_FALSE(newest(server.audit({shop}), "push").at("refused").as_bool());
  CHECK_THAT(text(newest(server.audit({shop}), "push").at("text")), ContainsSubstring("'feature' is kept"));
  CHECK(server.ssh("anna", fmt::format("git-receive-pack '{0}/blue' '{0}/blue'", shop)).exit_code == 2);
  CHECK(server.ssh("anna", fmt::format("git-receive-pack '//{}/blue'", shop)).exit_code == 2);
}

TEST_CASE("two keys may each their own, a key that only pushes reads nothing, and what the client says of itself is "
          "not heard") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  TestHost host;
  const KeyServer server(false);
  server.let_in("anna", server.shop(), "push");
  server.let_in("ben", server.blog(), "push,read");
  const Project project(host);
  project.commit("v1");
  const auto push = [&](const std::string& key, const std::string& app) {
    return server.git(key, {"push", server.remote(app + "/blue"), "main:feature"}, project.path()).succeeded();
  };
  CHECK(push("anna", server.shop()));
  CHECK_FALSE(push("anna", server.blog()));
  CHECK(push("ben", server.blog()));
  CHECK_FALSE(push("ben", server.shop()));
  CHECK_FALSE(server.git("anna", {"ls-remote", server.remote(server.shop() + "/blue")}, project.path()).succeeded());

  // sshd takes any variable here.
  const std::vector<std::string> lies{"-o",
                                      "SetEnv=TEALHOOK_KEY=ben TEALHOOK_HOME=/nowhere GL_USER=ben SSH_CLIENT=1.2.3.4 "
                                      "SSH_ORIGINAL_COMMAND=status GIT_DIR=/nowhere"};
  const Outcome asked = server.ssh("anna", "history " + server.blog(), lies);
  CHECK(asked.exit_code == 2);
  CHECK_THAT(asked.tail, ContainsSubstring("error: key:anna may not 'read'"));
  CHECK(newest(server.audit({server.blog()}), "read").at("from") == "127.0.0.1");
  // One that is not there is answered as one that is.
  CHECK_THAT(server.ssh("anna", "history nosuch").tail,
             ContainsSubstring("error: key:anna may not 'read' app 'nosuch'"));
  CHECK_THAT(server.ssh("anna", "logs 1").tail, ContainsSubstring("error: there is no deployment 1"));
}

TEST_CASE("a key gets no shell, no terminal, no forwarding and no file transfer, and is told what it may") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  const KeyServer server(false);
  server.let_in("anna", server.shop(), "push,logs,freeze");
  const Outcome nothing = server.ssh("anna", "");
  CHECK(nothing.exit_code == 0);
  CHECK_THAT(nothing.output, ContainsSubstring("key:anna may, of apps:") && ContainsSubstring(server.shop()) &&
                                 ContainsSubstring("logs, push, freeze") && ContainsSubstring("freeze APP -m WHY") &&
                                 !ContainsSubstring("rollback"));
  CHECK(text(parse_output(server.ssh("anna", "--json")).at("grants").at(0).at("app")) == server.shop());
  const Outcome terminal = server.ssh("anna", "", {"-tt"});
  CHECK_THAT(terminal.tail, ContainsSubstring("PTY allocation request failed"));
  for (const std::string words : {"bash", "sh -c id", "/bin/sh", "scp -t /tmp", "git-upload-archive x", "setup",
                                  "key list", "app list", "runner x", "keyed root", "--json setup"}) {
    INFO(words);
    const Outcome outcome = server.ssh("anna", words);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.tail, ContainsSubstring("is nothing that a key can ask for"));
    CHECK(text(newest(server.audit(), "command").at("text")) == words);
  }
  CHECK_THAT(server.ssh("anna", "status --home /").tail, ContainsSubstring("unknown option '--home'"));
  CHECK(server.ssh("anna", "sftp", {"-s"}).exit_code == 2);
  const Outcome forward = server.ssh("anna", "", {"-W", fmt::format("127.0.0.1:{}", server.sshd().port())});
  CHECK_FALSE(forward.succeeded());
  CHECK_THAT(forward.tail, ContainsSubstring("administratively prohibited"));
  CHECK_FALSE(server.ssh("anna", "logs " + server.shop(), {"-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1"})
                  .succeeded());
  CHECK(newest(server.audit(), "command").at("who") == "key:anna");
  const Outcome long_one = server.ssh("anna", "freeze " + server.shop() + " -m " + std::string(5000, 'x'));
  CHECK(long_one.exit_code == 2);
  CHECK_THAT(long_one.tail, ContainsSubstring("longer than 4096 characters"));

  const Outcome frozen = server.ssh("anna", fmt::format("freeze {} -m stocktaking until Monday", server.shop()));
  CHECK(frozen.exit_code == 0);
  const json::value freeze = newest(server.audit({server.shop()}), "freeze");
  CHECK(freeze.at("who") == "key:anna");
  CHECK(freeze.at("text") == "stocktaking until Monday");
  CHECK(freeze.at("from") == "127.0.0.1");
}

TEST_CASE("keys are added, changed and removed at once, and no other line of authorized_keys is touched") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  const KeyServer server(false);
  const std::string anna = server.sshd().make_key("anna");
  const std::string ben = server.sshd().make_key("ben");
  const auto add = [&](const std::string& name, const std::string& verbs, const std::string& key) {
    return server.tealhook({"key", "add", name, "--app", server.shop(), "--can", verbs}, key);
  };
  CHECK_THAT(add("anna", "read", anna).output, ContainsSubstring("may come in as " + server.user()));
  CHECK_THAT(add("anna", "read", anna).output, ContainsSubstring("is there already"));
  CHECK_THAT(add("anna", "read,logs", anna).output, ContainsSubstring("may now"));
  check_error(add("anna", "read", ben), 2, "there is a key 'anna' already, and it is another one");
  check_error(add("ben", "read", anna), 2, "that key is there as 'anna' already");
  check_error(add("ben", "read", "command=\"/bin/sh\" " + ben), 2, "options before a key are not taken");
  check_error(add("ben", "read", anna + ben), 2, "give one key, on one line");
  check_error(add("ben", "fly", ben), 2, "nobody can be let 'fly'");
  check_error(add("b n", "read", ben), 2, "cannot be the name of a key");
  check_error(server.tealhook({"key", "add", "ben", "--app", "nosuch", "--can", "read"}, ben), 2, "no app 'nosuch'");
  CHECK(server.ssh("ben", "").exit_code == 255);

  const std::string others = "# by hand\n" + std::string(trim(ben)) + "\r\n\n";
  const std::string ours = read_file(server.authorized_keys());
  write_file(server.authorized_keys(), others + ours + "# last");
  give_to_owner_of(server.home().root, server.home().root / ".ssh");
  REQUIRE(server.ssh("anna", "").exit_code == 0);
  server.ok({"key", "remove", "anna"});
  CHECK(read_file(server.authorized_keys()) == others + "# last");
  CHECK(server.ssh("anna", "").exit_code == 255); // sshd knows it no more
  struct stat facts {};
  REQUIRE(::stat(server.authorized_keys().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777U) == 0600);
  CHECK(facts.st_uid == find_user(server.user())->uid);

  // One whose line is still there, as in a session that is open.
  write_file(server.authorized_keys(), ours);
  give_to_owner_of(server.home().root, server.home().root / ".ssh");
  const Outcome gone = server.ssh("anna", "status");
  CHECK(gone.exit_code == 2);
  CHECK_THAT(gone.tail, ContainsSubstring("there is no key 'anna' any more"));
  CHECK(newest(server.audit(), "command").at("text") == "a key that was removed");
  CHECK_THAT(server.ok({"key", "remove", "anna"}), ContainsSubstring("there is no key 'anna'"));

  // Whose line cannot be taken out.
  REQUIRE(add("anna", "read", anna).succeeded());
  write_file(server.authorized_keys(),
             read_file(server.authorized_keys()) + fmt::format("# tealhook {}: end\n", server.home().root.string()));
  give_to_owner_of(server.home().root, server.home().root / ".ssh");
  const Outcome half = server.tealhook({"key", "remove", "anna"});
  CHECK_FALSE(half.succeeded());
  CHECK_THAT(half.tail, ContainsSubstring("it is refused all the same"));
  CHECK_THAT(server.ssh("anna", "status").tail, ContainsSubstring("there is no key 'anna' any more"));
}

TEST_CASE("many who add keys at once all come in") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  const KeyServer server(false);
  std::string script;
  for (int i = 0; i < 6; ++i) {
    server.sshd().make_key(fmt::format("key{}", i));
    script += fmt::format("{0} --home {1} key add key{2} --app '*' --can read < {3} & ", server.tool(),
                          server.home().root.string(), i, server.sshd().file(fmt::format("key{}.pub", i)).string());
  }
  run_or_throw({.arguments = {"sh", "-c", script + "wait"}, .environment = clean_environment()});
  for (int i = 0; i < 6; ++i) {
    CHECK(server.ssh(fmt::format("key{}", i), "").exit_code == 0);
  }
}

TEST_CASE("a user for the home is made once, gets what was root's, and a home of somebody else's is not taken") {
  if (!is_root()) {
    SKIP_TEST("only root can make users");
  }
  const KeyServer server(false);
  const auto user = find_user(server.user());
  REQUIRE(user);
  CHECK(user->folder == server.home().root);
  CHECK(user->shell == "/bin/sh");
  CHECK_THAT(server.setup().output, ContainsSubstring(fmt::format("made the user '{}'", server.user())) &&
                                        ContainsSubstring("into the group 'docker'"));
  const Outcome again = server.tealhook({"setup", "--user", server.user(), "--json"});
  const auto told = parse_output(again);
  CHECK(told.at("made") == false);
  CHECK(told.at("user").at("made") == false);
  CHECK(told.at("user").at("joined").is_null());
  check_error(server.tealhook({"setup", "--user", "no user"}), 2, "cannot be the user of a home");

  const std::string other = (server.folder() / "other").string();
  REQUIRE(server.tealhook({"--home", other, "setup"}).succeeded());
  const Outcome given = server.tealhook({"--home", other, "setup", "--user", server.user()});
  INFO(given.tail);
  CHECK(given.succeeded());
  CHECK_THAT(given.output, ContainsSubstring("which was root's"));
  struct stat facts {};
  REQUIRE(::stat((other + "/state.db").c_str(), &facts) == 0);
  CHECK(facts.st_uid == user->uid);
  check_error(server.tealhook({"--home", other, "setup", "--user", "daemon"}), 2,
              "not to root: it is not given to 'daemon'");

  const fs::path precious = server.folder() / "precious";
  fs::create_directory(precious);
  write_file(precious / "file", "of the system\n");
  check_error(server.tealhook({"--home", precious.string(), "setup", "--user", server.user()}), 2,
              "is root's, has something in it, and is no home of tealhook's");
  REQUIRE(::stat((precious / "file").c_str(), &facts) == 0);
  CHECK(facts.st_uid == 0);
}

TEST_CASE("a token is shown once, kept hashed, changed and removed") {
  Shell shell;
  const Outcome made = shell.tealhook({"token", "add", "ci", "--app", "*", "--can", "read,deploy", "--json"});
  REQUIRE(made.succeeded());
  const std::string secret = text(parse_output(made).at("token"));
  CHECK(secret.size() == 9 + 64);
  const std::string listed = shell.tealhook({"token", "list", "--json"}).output;
  CHECK_THAT(listed, ContainsSubstring("\"ci\"") && ContainsSubstring("\"last_used\":null"));
  for (const auto& entry : fs::directory_iterator(shell.home())) {
    if (entry.is_regular_file()) {
      CHECK(read_file(entry.path()).find(secret.substr(9)) == std::string::npos);
    }
  }
  const Outcome again = shell.tealhook({"token", "add", "ci", "--app", "*", "--can", "read"});
  CHECK_THAT(again.output, ContainsSubstring("is there already, with its secret as it was; it may now: *: read"));
  CHECK(again.output.find("tealhook_") == std::string::npos);
  CHECK_THAT(shell.tealhook({"token", "list"}).output, ContainsSubstring("*: read"));
  CHECK_THAT(shell.tealhook({"token", "remove", "ci"}).output, ContainsSubstring("worth nothing any more"));
  CHECK_THAT(shell.tealhook({"token", "list"}).output, ContainsSubstring("there are no tokens"));
  check_error(shell.tealhook({"token", "add", "ci", "--app", "*", "--can", ""}), 2, "nobody can be let ''");
  const auto audit = parse_output(shell.tealhook({"audit", "--json"}));
  CHECK(audit.at(0).at("verb") == "token remove");
  CHECK(audit.at(2).at("verb") == "token add");
  CHECK(audit.at(2).at("text") == "ci: read, deploy");
  CHECK(shell.tealhook({"audit", "-n", "1", "--json"}).output.find("token add") == std::string::npos);
}
