// tealhook registry: down, up, and with a password.
#include "process/atomic_file.hpp"
#include "support/background.hpp"
#include "support/shell.hpp"
#include "support/wait_until.hpp"

#include <csignal>

using namespace teal;

namespace fs = std::filesystem;

TEST_CASE("the registry goes down and up with its images, and says how it is") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  const auto before = parse_output(host.tealhook({"registry", "status", "--json"}));
  CHECK(before.at("answers") == true);
  CHECK(text(before.at("address")) == host.registry());
  CHECK(before.at("repositories") == 1);
  CHECK(before.at("images").to_number<int>() >= 2);
  CHECK(before.at("disk_bytes").to_number<std::int64_t>() > 0);

  CHECK(parse_output(host.tealhook({"registry", "down", "--json"})).at("stopped") == true);
  CHECK(parse_output(host.tealhook({"registry", "down", "--json"})).at("stopped") == false);
  const Outcome down = host.tealhook({"registry", "status", "--json"});
  CHECK(down.exit_code == 3);
  CHECK(parse_output(down).at("kind") == "none");
  CHECK_THAT(host.tealhook({"registry", "status"}).output, ContainsSubstring("tealhook registry up"));

  const auto after = parse_output(host.tealhook({"registry", "up", "--json"}));
  CHECK(after.at("images") == before.at("images"));
  host.tealhook_ok({"registry", "up"});
}

TEST_CASE("a registry that a service manager watches ends with what it watches") {
  const TestHost host;
  const auto watch = [&] {
    auto watcher = std::make_unique<Background>(Command{
        .arguments = {TestHost::tool().string(), "registry", "up", "--foreground"}, .environment = host.environment()});
    wait_until([&] { return watcher->text().find("on disk") != std::string::npos; }, std::chrono::seconds(30),
               "the registry's state");
    return watcher;
  };
  const auto taken_down = watch();
  host.tealhook_ok({"registry", "down"});
  CHECK_THAT(taken_down->finish(), ContainsSubstring("exit: 0"));

  const auto killed = watch();
  const std::string detail = text(parse_output(host.tealhook({"registry", "status", "--json"})).at("detail"));
  INFO(detail);
  const auto pid = parse_integer(detail.substr(detail.rfind(' ') + 1));
  REQUIRE(pid);
  REQUIRE(::kill(static_cast<pid_t>(*pid), SIGKILL) == 0);
  CHECK_THAT(killed->finish(), ContainsSubstring("exit: 3"));
  host.tealhook_ok({"registry", "up"});
}

TEST_CASE("a registry with a password makes its own, and tells it to nobody") {
  Shell shell(false);
  const auto user_home = shell.folder() / "user";
  fs::create_directory(user_home);
  shell.environment()["HOME"] = user_home.string();
  const std::string address = fmt::format("localhost:{}", free_port());
  REQUIRE(
      shell.tealhook({"setup", "--router", "none", "--registry", address, "--registry-auth", "htpasswd"}).succeeded());
  const Outcome up = shell.tealhook({"registry", "up"});
  INFO(up.tail);
  REQUIRE(up.succeeded());
  const auto credentials = shell.home() / "registry/credentials";
  const std::string secret(trim(read_file(credentials)));
  const std::string password = secret.substr(secret.find(':') + 1);
  REQUIRE(password.size() >= 32);
  CHECK((fs::status(credentials).permissions() & fs::perms::all) == fs::perms(0600));
  CHECK((fs::status(user_home / ".docker/config.json").permissions() & fs::perms(0077)) == fs::perms::none);
  CHECK(http_get(static_cast<std::uint16_t>(*parse_integer(address.substr(10))), "/v2/_catalog").find("UNAUTHORIZED") !=
        std::string::npos);

  const std::string app = unique_name("secret");
  REQUIRE(shell.tealhook({"app", "create", app}).succeeded());
  TestHost other; // for the project's sake
  const Project project(other);
  project.commit("v1");
  Command push{.arguments = {"git", "push", (shell.home() / "apps" / app / "blue.git").string(), "main"},
               .directory = project.path(),
               .environment = other.environment(),
               .deadline = std::chrono::minutes(2)};
  push.environment["HOME"] = user_home.string();
  const Outcome pushed = run(push);
  INFO(pushed.tail);
  CHECK_THAT(pushed.tail, ContainsSubstring("ready in "));
  CHECK((pushed.tail + up.tail).find(password) == std::string::npos);
  await_rest(Home{shell.home()}, app);
  for (const auto& entry : fs::recursive_directory_iterator(shell.home())) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && entry.path() != credentials &&
        (name.ends_with(".log") || name.starts_with("state"))) {
      INFO(entry.path().string());
      CHECK(read_file(entry.path()).find(password) == std::string::npos);
    }
  }
  CHECK(shell.tealhook({"app", "remove", app, "--yes"}).succeeded());
  CHECK(shell.tealhook({"registry", "down"}).succeeded());
}
