// tealhook setup on a home that is there; a router turned on, and one of another kind; --home in hints; shallow pushes.
#include "config/load.hpp"
#include "process/atomic_file.hpp"
#include "support/shell.hpp"

using namespace teal;

namespace {

Outcome deploy_blue(const Project& project, const std::string& app, const std::string& version) {
  project.commit(version);
  return project.push(app, Color::blue);
}

} // namespace

TEST_CASE("setup with options changes the settings of a home that is there and nothing else of them") {
  Shell shell;
  const std::filesystem::path file = shell.home() / "tealhook.yml";
  const std::string before = read_file(file);
  const Outcome same = shell.tealhook({"setup"});
  CHECK_THAT(same.output, ContainsSubstring("its settings are as they were"));
  CHECK(read_file(file) == before);
  const Outcome changed = shell.tealhook({"setup", "--router", "haproxy", "--registry-auth", "htpasswd"});
  REQUIRE(changed.succeeded());
  CHECK_THAT(changed.output,
             ContainsSubstring("router.kind: none -> haproxy") && ContainsSubstring("registry.auth: none -> htpasswd"));
  const ServerSettings settings = load_server_settings({shell.home()});
  CHECK(settings.router.kind == ServerSettings::Router::Kind::haproxy);
  CHECK(settings.registry.auth == "htpasswd");
  CHECK_THAT(read_file(file), ContainsSubstring("#listen: 8080"));
  const Outcome json = shell.tealhook({"setup", "--router", "none", "--json"});
  CHECK_THAT(json.output, ContainsSubstring("{\"key\":\"router.kind\",\"from\":\"haproxy\",\"to\":\"none\"}"));
  write_file(file, "router: &a {kind: none}\n");
  CHECK(shell.tealhook({"setup", "--router", "haproxy"}).exit_code == 2);
  CHECK(read_file(file) == "router: &a {kind: none}\n");
}

TEST_CASE("hints repeat --home where it was given and what programs print stays") {
  Shell shell;
  const std::string home = shell.home().string();
  shell.environment().erase("TEALHOOK_HOME");
  CHECK_THAT(shell.tealhook({"--home", home, "setup"}).output,
             ContainsSubstring("  tealhook --home " + home + " check "));
  CHECK_THAT(shell.tealhook({"--home", home, "app", "show", "none"}).tail,
             ContainsSubstring("tealhook --home " + home + " app create none"));
  shell.environment()["TEALHOOK_HOME"] = home;
  CHECK_THAT(shell.tealhook({"setup"}).output, ContainsSubstring("  tealhook check "));
}

TEST_CASE("a router that is turned on gives apps a live port and one of another kind takes over from it") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  REQUIRE(deploy_blue(project, app, "v1").succeeded());
  CHECK(host.tealhook({"setup", "--registry", "localhost:1"}).exit_code == 2); // it is up
  const std::string told = host.tealhook_ok({"setup", "--router", "haproxy"});
  REQUIRE(host.live_port(app) != 0);
  CHECK_THAT(told, ContainsSubstring(fmt::format("app '{}' has the live port {}", app, host.live_port(app))));
  host.tealhook_ok({"router", "up"});
  host.tealhook_ok({"deploy", app, "--color", "blue"});
  host.tealhook_ok({"switch", app, "blue"});
  REQUIRE(host.live_answer(app) == "v1 blue");

  host.tealhook_ok({"setup", "--router", "nginx"});
  CHECK_THAT(host.tealhook({"check"}).tail, ContainsSubstring("haproxy, pid") && ContainsSubstring("still runs"));
  CHECK_THAT(host.tealhook({"router", "status"}).tail, ContainsSubstring("tealhook router up"));
  CHECK(host.live_answer(app) == "v1 blue");
  CHECK_THAT(host.tealhook_ok({"router", "up"}), ContainsSubstring("nginx took over from haproxy"));
  CHECK(host.live_answer(app) == "v1 blue");

  host.tealhook_ok({"setup", "--router", "caddy"});
  const Outcome push = deploy_blue(project, app, "v2");
  CHECK_THAT(push.tail, ContainsSubstring("caddy took over from nginx") && ContainsSubstring("live in"));
  CHECK(host.live_answer(app) == "v2 blue");

  host.tealhook_ok({"setup", "--router", "haproxy"});
  CHECK_THAT(host.tealhook_ok({"router", "up"}), ContainsSubstring("its ports were open all the time"));
  CHECK(host.live_answer(app) == "v2 blue");

  host.tealhook_ok({"setup", "--router", "nginx"});
  CHECK_THAT(host.tealhook_ok({"switch", app, "blue"}), ContainsSubstring("nginx took over from haproxy"));
  CHECK(host.live_answer(app) == "v2 blue");

  host.tealhook_ok({"setup", "--router", "none"});
  CHECK(host.tealhook({"router", "status"}).exit_code == 2);
  CHECK_THAT(host.tealhook_ok({"router", "down"}), ContainsSubstring("the router was stopped"));
  CHECK(host.live_answer(app).empty());
}

TEST_CASE("a push from a clone of some depth deploys") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  project.commit("v2");
  const TempFolder folder;
  project.git({"clone", "--quiet", "--depth", "1", "file://" + project.path().string(), folder.path().string() + "/c"});
  const Outcome push = run({.arguments = {"git", "push", host.repository(app, Color::blue).string(), "main"},
                            .directory = folder.path() / "c",
                            .environment = host.environment(),
                            .deadline = std::chrono::minutes(2)});
  CHECK_THAT(push.tail, ContainsSubstring("ready in"));
  CHECK(host.answer(app, Color::blue) == "v2 blue");
  project.commit("v3"); // and from a whole clone after that
  CHECK_THAT(project.push(app, Color::blue).tail, ContainsSubstring("ready in"));
  CHECK(host.answer(app, Color::blue) == "v3 blue");
}

TEST_CASE("a Git LFS pointer that cannot be filled in is told in the log") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.write(".gitattributes", "*.bin filter=lfs\n");
  project.write("big.bin",
                "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 8\n");
  const Outcome push = deploy_blue(project, app, "v1");
  CHECK_THAT(push.tail, ContainsSubstring("warning: 'big.bin' is a Git LFS pointer") && ContainsSubstring("ready in"));
}

TEST_CASE("a new home takes a router that is installed unless there is to be none, and an old one stays as it is") {
  Shell shell(false);
  const std::string registry = fmt::format("localhost:{}", free_port());
  const Outcome made = shell.tealhook({"setup", "--registry", registry});
  CHECK_THAT(made.output, ContainsSubstring("requests go by haproxy (") && ContainsSubstring("tealhook router up"));
  CHECK(load_server_settings({shell.home()}).router.kind == ServerSettings::Router::Kind::haproxy);
  CHECK_THAT(shell.tealhook({"setup", "--router", "none"}).output, ContainsSubstring("router.kind: haproxy -> none"));
  CHECK_THAT(shell.tealhook({"setup"}).output, !ContainsSubstring("haproxy"));
  CHECK(load_server_settings({shell.home()}).router.kind == ServerSettings::Router::Kind::none);
  const std::string other = (shell.folder() / "other").string();
  const auto json = parse_output(shell.tealhook({"--home", other, "setup", "--json", "--router", "none"}));
  CHECK(json.at("router_found").is_null());
}
