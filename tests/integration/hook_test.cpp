// The post-receive hook: what it answers to pushes of every kind, and by hand.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/test_host.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const std::string k_zeros(40, '0');

/// The hook by hand: as somebody in the repository runs it, or with what git would have told it.
Outcome run_hook(const TestHost& host, const fs::path& repository, const std::vector<std::string>& arguments,
                 const std::string& input = {}) {
  Command command{.arguments = {(repository / "hooks/post-receive").string()},
                  .directory = repository,
                  .environment = host.environment(),
                  .input = input,
                  .deadline = std::chrono::minutes(1)};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return run(command);
}

Outcome push(const TestHost& host, const Project& project, const fs::path& repository,
             const std::vector<std::string>& what) {
  Command command{.arguments = {"git", "push", repository.string()},
                  .directory = project.path(),
                  .environment = host.environment(),
                  .deadline = std::chrono::minutes(2)};
  command.arguments.insert(command.arguments.end(), what.begin(), what.end());
  return run(command);
}

json::array history(const TestHost& host, const std::string& app) {
  json::array deployments;
  const json::value entries = json::parse(host.tealhook_ok({"history", app, "--json"}));
  for (const json::value& entry : entries.as_array()) {
    if (entry.at("kind") == "deployment") {
      deployments.push_back(entry);
    }
  }
  return deployments;
}

fs::path make_bare(const TestHost& host, const fs::path& path, const std::vector<std::string>& options = {}) {
  Command command{.arguments = {"git", "init", "-q", "--bare"}, .environment = host.environment()};
  command.arguments.insert(command.arguments.end(), options.begin(), options.end());
  command.arguments.push_back(path.string());
  run_or_throw(command);
  return path;
}

void write_hook(const fs::path& repository, const std::string& script) {
  fs::create_directories(repository / "hooks");
  write_file(repository / "hooks/post-receive", script, 0755);
}

/// Where `first` stands before `second` in `text`, and both do.
bool in_order(const std::string& text, const std::string& first, const std::string& second) {
  const auto at = text.find(first);
  return at != std::string::npos && text.find(second, at) != std::string::npos;
}

} // namespace

TEST_CASE("pushes of what is not deployed here are answered in words, and deploy nothing") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  project.git({"tag", "v1"});
  const auto repository = host.repository(app, Color::blue);

  const std::string odd = "fix/\xc3\xbc$(id);'\"#\xc2\x9b"
                          "31m";
  const Outcome branches = push(host, project, repository, {"main:feature", "main:refs/heads/" + odd, "v1"});
  INFO(branches.tail);
  CHECK(branches.succeeded());
  CHECK_THAT(branches.tail, ContainsSubstring("'feature' is kept, but not deployed here: deployed are main, master"));
  CHECK_THAT(branches.tail, ContainsSubstring("remote: 'fix/\xc3\xbc$(id);'\"#??31m' is kept, but not deployed here"));
  CHECK_THAT(branches.tail, ContainsSubstring("tag 'v1' is kept; tags are not deployed here"));

  const Outcome deletion = push(host, project, repository, {":feature", ":v1"});
  INFO(deletion.tail);
  CHECK_THAT(deletion.tail, ContainsSubstring("'feature' was deleted; nothing is deployed, and blue stays as it is"));
  CHECK_THAT(deletion.tail, ContainsSubstring("'v1' was deleted; nothing is deployed"));
  CHECK(history(host, app).empty());
}

TEST_CASE("who pushed is recorded by the key or the user that the layer before git knows") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  const auto pushed_as = [&](const std::string& variable, const std::string& value) {
    project.commit(value);
    Command command{.arguments = {"git", "push", "-q", host.repository(app, Color::blue).string(), "main"},
                    .directory = project.path(),
                    .environment = host.environment()};
    command.environment["GL_USER"] = "gitolite";
    command.environment[variable] = value;
    const Outcome outcome = run(command);
    INFO(outcome.tail);
    CHECK(outcome.succeeded());
    return std::string(history(host, app).front().at("who").as_string());
  };
  const SystemClock clock;
  Store store(host.home().store(), clock);
  store.principals.add({.principal = {.kind = Principal::Kind::ssh_key,
                                      .name = "anna-laptop",
                                      .grants = {{.app = app, .verbs = {Verb::push}}}},
                        .proof = "ssh-ed25519 AAAA"},
                       {.kind = Principal::Kind::local_user, .name = "root", .grants = {}});
  CHECK(pushed_as("TEALHOOK_KEY", "anna-laptop") == "key:anna-laptop");
  CHECK(pushed_as("GL_USER", "anna") == "anna");
  CHECK(pushed_as("REMOTE_USER", "ben") == "ben");
}

TEST_CASE("of two deployable branches in one push the first of the settings is deployed, and a forced push too") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  const std::string first = project.commit("v1");
  const auto repository = host.repository(app, Color::blue);
  const Outcome several = push(host, project, repository, {"main:master", "main", "main:feature"});
  INFO(several.tail);
  CHECK_THAT(several.tail,
             ContainsSubstring("'master' is kept, but not deployed: 'main' was pushed too, and comes first"));
  CHECK_THAT(several.tail, ContainsSubstring("'feature' is kept, but not deployed here"));
  CHECK(host.answer(app, Color::blue) == "v1 blue");

  project.write("version", "rewritten\n");
  project.git({"commit", "-q", "--amend", "-a", "-m", "Say it anew"});
  const Outcome forced = push(host, project, repository, {"--force", "main"});
  INFO(forced.tail);
  CHECK(host.answer(app, Color::blue) == "rewritten blue");
  const auto deployments = history(host, app);
  REQUIRE(deployments.size() == 2);
  CHECK(deployments[1].at("commit").as_string() == first.c_str());
  CHECK(deployments[0].at("ref") == "refs/heads/main");
}

TEST_CASE("a commit's subject cannot drive the pusher's terminal, and --json stays JSON") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  project.write("message", "\x1b[31mred\x1b]0;pwned\x07 caf\xe9\n");
  project.git({"-c", "i18n.commitEncoding=latin1", "commit", "-q", "--amend", "-F", "message"});
  const Outcome pushed = project.push(app, Color::blue);
  INFO(printable(pushed.tail, true));
  CHECK(pushed.tail.find('\x1b') == std::string::npos);
  CHECK(pushed.tail.find('\x07') == std::string::npos);
  CHECK_THAT(pushed.tail, ContainsSubstring("\"?[31mred?]0;pwned? caf"));
  CHECK(history(host, app).at(0).at("subject") == "?[31mred?]0;pwned? caf\xef\xbf\xbd");
  CHECK(host.tealhook_ok({"logs", app}).find('\x1b') == std::string::npos);
  CHECK_NOTHROW(json::parse(host.tealhook_ok({"logs", app, "--json"})));
  CHECK_NOTHROW(json::parse(host.tealhook_ok({"status", "--json"})));
}

TEST_CASE("the hook by hand deploys again, and its exit code says what became of it") {
  TestHost host;
  const std::string app = host.create_app();
  const auto repository = host.repository(app, Color::blue);
  const Outcome early = run_hook(host, repository, {"--redeploy"});
  INFO(early.tail);
  CHECK(early.exit_code == 2);
  CHECK_THAT(early.tail, ContainsSubstring("has no commit 'main' or 'master'; push to it first"));
  CHECK_THAT(early.tail, ContainsSubstring("FAILED"));

  const Project project(host);
  const std::string good = project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  project.set_arguments({"--exit", "3"});
  project.commit("v2");
  const Outcome failed = project.push(app, Color::blue);
  CHECK(failed.succeeded()); // git ignores what the hook says

  const Outcome again = run_hook(host, repository, {"--redeploy"});
  INFO(again.tail);
  CHECK(again.exit_code == 1);
  CHECK_THAT(last_lines(again.tail, 1), ContainsSubstring("FAILED"));
  CHECK(host.answer(app, Color::blue) == "v1 blue");

  const Outcome older = run_hook(host, repository, {"--redeploy", good.substr(0, 10)});
  INFO(older.tail);
  CHECK(older.exit_code == 0);
  CHECK_THAT(older.tail, ContainsSubstring("ready in "));
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}

TEST_CASE("the hook refuses in words what makes no sense, and deploys nothing") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  const std::string commit = project.commit("v1");
  const auto repository = host.repository(app, Color::blue);
  REQUIRE(push(host, project, repository, {"main:feature"}).succeeded());

  const auto hook = [&](const std::vector<std::string>& arguments, const std::string& input = {}) {
    return run_hook(host, repository, arguments, input);
  };
  {
    INFO("an unknown revision");
    const Outcome outcome = hook({"--redeploy", "nonsense\x1b[0m"});
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.tail, ContainsSubstring("has no commit 'nonsense?[0m'"));
  }
  {
    INFO("unknown and too many arguments");
    for (const auto& arguments : {std::vector<std::string>{"--force"}, {"main"}, {"--redeploy", "main", "feature"}}) {
      const Outcome outcome = hook(arguments);
      CHECK(outcome.exit_code == 2);
      CHECK_THAT(outcome.tail, ContainsSubstring("see: hooks/post-receive --help"));
    }
  }
  {
    INFO("help is an answer");
    const Outcome outcome = hook({"--help"});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.output, ContainsSubstring("Usage: hooks/post-receive") && ContainsSubstring("Examples:"));
  }
  {
    INFO("nothing on standard input");
    const Outcome outcome = hook({});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.tail, ContainsSubstring("nothing was pushed, so nothing is deployed"));
  }
  {
    INFO("lines that git does not write");
    for (const std::string& input : {std::string("hello\n"), std::string("\0\x1b[31m\n", 7), commit + " main\n"}) {
      const Outcome outcome = hook({}, input);
      CHECK(outcome.exit_code == 2);
      CHECK_THAT(outcome.tail, ContainsSubstring("is not a line that git gives a hook"));
      CHECK(outcome.tail.find('\x1b') == std::string::npos);
    }
  }
  {
    INFO("a branch that points to what is no commit");
    for (const std::string& id : {std::string(40, 'd'), project.git({"rev-parse", "HEAD^{tree}"})}) {
      const Outcome outcome = hook({}, k_zeros + " " + id + " refs/heads/main\n");
      CHECK(outcome.exit_code == 0);
      CHECK_THAT(outcome.tail, ContainsSubstring("is no commit"));
    }
  }
  {
    INFO("a store that cannot be opened is the environment's failure");
    const auto store = host.home().store();
    fs::rename(store, store.string() + ".away");
    fs::create_directory(store);
    const Outcome outcome = hook({"--redeploy", "feature"});
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.tail, ContainsSubstring("state.db"));
    CHECK_THAT(outcome.tail, ContainsSubstring("what ran before still runs"));
    fs::remove(store);
    fs::rename(store.string() + ".away", store);
  }
  CHECK(history(host, app).empty());
}

TEST_CASE("a repository that was moved still deploys, and one whose app or home is gone says so") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  const TempFolder elsewhere;
  const auto moved = elsewhere.path() / "moved.git";
  fs::rename(host.repository(app, Color::blue), moved);
  const Outcome pushed = project.push(moved);
  INFO(pushed.tail);
  CHECK(host.answer(app, Color::blue) == "v1 blue");

  const fs::path home = host.home().root;
  const fs::path new_home = elsewhere.path() / "home";
  fs::rename(home, new_home);
  const Outcome no_home = run_hook(host, moved, {"--redeploy"});
  CHECK(no_home.exit_code == 2);
  CHECK_THAT(no_home.tail, ContainsSubstring(fmt::format(
                               "the home '{}', which this repository deploys to, is not there", home.string())));
  CHECK_THAT(no_home.tail, ContainsSubstring("tealhook --home NEW hook install"));
  fs::rename(new_home, home);

  host.tealhook_ok({"app", "remove", app, "--yes"});
  const Outcome no_app = run_hook(host, moved, {"--redeploy"});
  CHECK(no_app.exit_code == 2);
  CHECK_THAT(no_app.tail, ContainsSubstring(fmt::format("no app '{}'", app)));
  project.commit("v2");
  const Outcome push_without_app = project.push(moved);
  CHECK(push_without_app.succeeded());
  CHECK_THAT(push_without_app.tail, ContainsSubstring("remote: FAILED   nothing was deployed"));
}

TEST_CASE("an existing repository keeps its hook: it runs first, as git runs it, and comes back in the end") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  const TempFolder folder;
  const auto repository = make_bare(host, folder.path() / "old.git");
  const std::string script = fmt::format("#!/bin/sh\ncat > {0}/stdin\npwd > {0}/pwd\necho \"$GIT_DIR\" > {0}/git-dir\n"
                                         "echo earlier hook was here\nexit 7\n",
                                         folder.path().string());
  write_hook(repository, script);
  for (int i = 0; i < 2; ++i) {
    const std::string said =
        host.tealhook_ok({"hook", "install", repository.string(), "--app", app, "--color", "green"});
    CHECK_THAT(said, ContainsSubstring("now deploys green of '" + app + "'"));
    CHECK_THAT(said, ContainsSubstring("the hook that was there runs first"));
  }
  const Outcome pushed = project.push(repository);
  INFO(pushed.tail);
  CHECK(in_order(pushed.tail, "earlier hook was here", "warning: the earlier hook"));
  CHECK_THAT(pushed.tail, ContainsSubstring("post-receive.before-tealhook': exited with 7"));
  CHECK(in_order(pushed.tail, "warning: the earlier hook", "ready in "));
  CHECK(host.answer(app, Color::green) == "v1 green");
  CHECK(read_file(folder.path() / "stdin") ==
        fmt::format("{} {} refs/heads/main\n", k_zeros, project.git({"rev-parse", "HEAD"})));
  CHECK(read_file(folder.path() / "git-dir") == ".\n");
  CHECK(trim(read_file(folder.path() / "pwd")) == repository.string());

  host.tealhook_ok({"hook", "remove", repository.string()});
  CHECK(read_file(repository / "hooks/post-receive") == script);
  project.commit("v2");
  const Outcome plain = project.push(repository);
  INFO(plain.tail);
  CHECK_THAT(plain.tail, ContainsSubstring("earlier hook was here"));
  CHECK(plain.tail.find("deployment") == std::string::npos);
  CHECK(host.answer(app, Color::green) == "v1 green");
  CHECK_THAT(host.tealhook_ok({"hook", "remove", repository.string()}), ContainsSubstring("had no hook of tealhook"));
}

TEST_CASE("an earlier hook that cannot run, was deleted, or leaves work in the background hinders nothing") {
  TestHost host;
  const std::string app = host.create_app();
  const TempFolder folder;
  const auto repository = make_bare(host, folder.path() / "old.git");
  const auto kept = repository / "hooks/post-receive.before-tealhook";
  const std::string deletion = std::string(40, 'a') + " " + k_zeros + " refs/heads/main\n";
  write_hook(repository, "#!/no/such/interpreter\n");
  host.tealhook_ok({"hook", "install", repository.string(), "--app", app, "--color", "blue"});

  const Outcome broken = run_hook(host, repository, {}, deletion);
  CHECK(broken.exit_code == 0);
  CHECK_THAT(broken.tail, ContainsSubstring("warning: the earlier hook") && ContainsSubstring("no such file"));
  CHECK_THAT(broken.tail, ContainsSubstring("'main' was deleted"));

  write_file(kept, "echo no interpreter line\n", 0755);
  const Outcome by_shell = run_hook(host, repository, {}, deletion);
  CHECK(in_order(by_shell.tail, "no interpreter line", "'main' was deleted"));
  CHECK(by_shell.tail.find("warning") == std::string::npos);

  const auto fifo = (folder.path() / "fifo").string();
  run_or_throw({.arguments = {"mkfifo", fifo}, .environment = host.environment()});
  write_file(kept, fmt::format("#!/bin/sh\n(read go < {0}; echo done > {0}.out) >/dev/null 2>&1 &\n", fifo), 0755);
  CHECK(run_hook(host, repository, {}, deletion).exit_code == 0);
  run_or_throw({.arguments = {"sh", "-c", fmt::format("echo go > {0}; while ! [ -s {0}.out ]; do :; done", fifo)},
                .environment = host.environment(),
                .deadline = std::chrono::seconds(20)});
  CHECK(read_file(fifo + ".out") == "done\n");

  fs::remove(kept);
  const Outcome deleted = run_hook(host, repository, {}, deletion);
  CHECK(deleted.exit_code == 0);
  CHECK(deleted.tail.find("warning") == std::string::npos);
}

TEST_CASE("where git's own settings say that hooks lie elsewhere, the hook goes there and deploys") {
  TestHost host;
  const std::string app = host.create_app();
  const TempFolder folder;
  const auto repository = make_bare(host, folder.path() / "shop.git");
  const auto hooks = folder.path() / "my hooks";
  run_or_throw({.arguments = {"git", "config", "core.hooksPath", hooks.string()},
                .directory = repository,
                .environment = host.environment()});
  host.tealhook_ok({"hook", "install", repository.string(), "--app", app, "--color", "blue"});
  CHECK(fs::is_symlink(hooks / "post-receive"));
  const Project project(host);
  project.commit("v1");
  const Outcome pushed = project.push(repository);
  INFO(pushed.tail);
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}

TEST_CASE("the hook is installed into bare repositories that can be read, and nowhere else") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  const TempFolder folder;
  const auto install = [&](const fs::path& path, const std::string& name) {
    return host.tealhook({"hook", "install", path.string(), "--app", name, "--color", "blue"});
  };
  const Outcome not_bare = install(project.path(), app);
  CHECK(not_bare.exit_code == 2);
  CHECK_THAT(not_bare.tail, ContainsSubstring("is not a bare repository"));
  const Outcome nothing = install(folder.path(), app);
  CHECK(nothing.exit_code == 2);
  CHECK_THAT(nothing.tail, ContainsSubstring("there is no git repository at"));
  const auto bare = make_bare(host, folder.path() / "bare.git");
  const Outcome no_app = install(bare, "nobodys");
  CHECK(no_app.exit_code == 2);
  CHECK_THAT(no_app.tail, ContainsSubstring("no app 'nobodys'"));
  CHECK_FALSE(fs::exists(fs::symlink_status(bare / "hooks/post-receive")));

  const auto sha256 = make_bare(host, folder.path() / "sha256.git", {"--object-format=sha256"});
  const Outcome unreadable = install(sha256, app);
  CHECK(unreadable.exit_code == 2);
  CHECK_THAT(unreadable.tail, ContainsSubstring("is a SHA-256 repository, which tealhook cannot read yet"));
  // Somebody who links the hook in by hand gets the same words from the push itself.
  fs::create_directories(sha256 / "hooks");
  fs::create_symlink(TestHost::hook(), sha256 / "hooks/post-receive");
  const Outcome by_hand =
      run_hook(host, sha256, {}, std::string(64, '0') + " " + std::string(64, 'a') + " refs/heads/main\n");
  CHECK(by_hand.exit_code == 2);
  CHECK_THAT(by_hand.tail, ContainsSubstring("SHA-256") && ContainsSubstring("FAILED"));
}

TEST_CASE("a key that may not push, or that nobody knows, is refused before git takes anything") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  const SystemClock clock;
  Store store(host.home().store(), clock);
  store.principals.add({.principal = {.kind = Principal::Kind::ssh_key,
                                      .name = "reader",
                                      .grants = {{.app = app, .verbs = {Verb::read, Verb::deploy}}}},
                        .proof = "ssh-ed25519 AAAA"},
                       {.kind = Principal::Kind::local_user, .name = "root", .grants = {}});
  for (const char* key : {"reader", "stranger"}) {
    Command command{.arguments = {"git", "push", host.repository(app, Color::blue).string(), "main", "main:feature"},
                    .directory = project.path(),
                    .environment = host.environment()};
    command.environment["TEALHOOK_KEY"] = key;
    const Outcome outcome = run(command);
    INFO(outcome.tail);
    CHECK_FALSE(outcome.succeeded());
    CHECK_THAT(outcome.tail, ContainsSubstring(fmt::format("key:{} may not 'push' app '{}'", key, app)));
    CHECK(store.actions.audit(app, 1).front().refused);
    CHECK(store.actions.audit(app, 1).front().who == fmt::format("key:{}", key));
  }
  CHECK(run({.arguments = {"git", "--git-dir", host.repository(app, Color::blue).string(), "for-each-ref"},
             .environment = host.environment()})
            .output.empty());
}
