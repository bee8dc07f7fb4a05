// Ports that somebody else has behind a router, and apps of one name in two homes: told before anything is touched.
#include "process/atomic_file.hpp"
#include "support/listener.hpp"
#include "support/served_app.hpp"
#include "support/shell.hpp"

using namespace teal;

namespace {

/// An app that serves live traffic, and its project.
struct LiveApp {
  LiveApp() {
    project.commit("v1");
    REQUIRE(project.push(host.home().app(name).live_repository()).succeeded());
  }

  /// With these ports in its settings.
  void set_ports(std::uint16_t of_blue, std::uint16_t of_green, const std::string& route) const {
    write_file(
        host.home().app(name).settings(),
        fmt::format("colors: {{blue: {{port: {}}}, green: {{port: {}}}}}\nroute: {}\n", of_blue, of_green, route));
  }
  /// Everybody is told `words`, and nothing is touched.
  void check_told(const std::string& words) const {
    for (const auto& arguments : {std::vector<std::string>{"check", name}, {"plan", name, "--color", "live"}}) {
      const Outcome told = host.tealhook(arguments);
      INFO(told.tail);
      CHECK(told.exit_code == 3);
      CHECK_THAT(told.tail, ContainsSubstring(words));
    }
    project.commit("v2");
    const std::string told = what_was_told(project.push(host.home().app(name).live_repository()));
    CHECK_THAT(told, ContainsSubstring("error: " + words) && ContainsSubstring("FAILED"));
    CHECK_THAT(told, !ContainsSubstring("checkout "));
    CHECK(http_get(live) == "v1 blue");
  }

  TestHost host{"haproxy"};
  std::string name = host.create_app();
  std::uint16_t live = host.live_port(name);
  std::uint16_t blue = host.port(name, Color::blue);
  std::uint16_t green = host.port(name, Color::green);
  Project project{host};
};

std::string held_by_test(std::uint16_t port) {
  return fmt::format("port {} is in use by pid {} (integration_tests); ", port, ::getpid());
}

} // namespace

TEST_CASE("a live port that another process has is told with its holder before anything is touched") {
  const LiveApp app;
  const Listener listener;
  app.set_ports(app.blue, app.green, fmt::format("{{port: {}}}", listener.port()));
  app.check_told(held_by_test(listener.port()));
}

TEST_CASE("an app's ports open with its first deployment, and one that was taken before it is told with its holder") {
  const TestHost host("haproxy");
  const std::string name = host.create_app();
  const Project project(host);
  const auto push = [&](const std::string& version) {
    project.commit(version);
    return what_was_told(project.push(host.home().app(name).live_repository()));
  };
  const std::uint16_t live = host.live_port(name);
  {
    const Listener listener;
    const ChangedFile settings(host.home().app(name).settings(), fmt::format("port: {}", live),
                               fmt::format("port: {}", listener.port()));
    CHECK_THAT(push("v1"), ContainsSubstring("error: " + held_by_test(listener.port())));
  }
  host.tealhook_ok({"recover"});
  CHECK(http_get(live).empty());
  CHECK_THAT(push("v2"), ContainsSubstring("\nlive in "));
  CHECK(http_get(live) == "v2 blue");
  CHECK_THAT(http_get(host.port(name, Color::green)), ContainsSubstring("no container serves green now"));
}

TEST_CASE("a color's port that another process has is told with its holder behind a router too") {
  const LiveApp app;
  const Listener listener;
  app.set_ports(app.blue, listener.port(), fmt::format("{{port: {}}}", app.live));
  app.check_told(held_by_test(listener.port()));
}

TEST_CASE("a port that apps share is told with its holder to the first app that wants it") {
  const LiveApp app;
  const Listener listener;
  const ChangedFile settings(app.host.home().settings(), "#listen: 8080", fmt::format("listen: {}", listener.port()));
  app.set_ports(app.blue, app.green, fmt::format("{{port: {}, hosts: [shop.example.com]}}", app.live));
  app.check_told(held_by_test(listener.port()));
}

TEST_CASE("an app is not made under the name of an app in another home on the same engine") {
  const ServedApp app;
  const TestHost other;
  const Outcome made = other.tealhook({"app", "create", app.name()});
  check_error(
      made, 2,
      fmt::format("the home '{}', which uses this engine too, has an app '{}' already; give this one another name",
                  app.host().home().root.string(), app.name()));
  CHECK_FALSE(std::filesystem::exists(other.home().app(app.name()).root));
  app.host().docker({"rm", "-f", app.name() + "-blue"}); // its network still tells
  CHECK(other.tealhook({"app", "create", app.name()}).exit_code == 2);
}

TEST_CASE("a push to an app that another home serves is told whose the container is and not to remove it") {
  const TestHost one;
  const TestHost other;
  const std::string name = unique_name("both");
  const Project project(one);
  project.commit("v1");
  for (const TestHost* host : {&one, &other}) {
    host->tealhook_ok({"app", "create", name}); // the engine has nothing of either yet
  }
  REQUIRE(project.push(one.repository(name, Color::blue)).succeeded());
  const std::string told = what_was_told(project.push(other.repository(name, Color::blue)));
  CHECK_THAT(told, ContainsSubstring(fmt::format("container '{}-blue' is of the home '{}', which uses this engine too",
                                                 name, one.home().root.string())));
  CHECK_THAT(told, !ContainsSubstring("docker rm"));
  CHECK(one.answer(name, Color::blue) == "v1 blue");
}
