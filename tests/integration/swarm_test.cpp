// A target of kind swarm on a Swarm of three engines, each in a network of its own on this host
// (examples/swarm/nodes.sh): pushes, what fails, the way back, and nodes that are lost one after the other.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/load.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <cstdlib>

using namespace teal;

namespace {

namespace fs = std::filesystem;

const fs::path k_nodes = fs::path(TEAL_TEST_SOURCES) / "../examples/swarm/nodes.sh";

/// Where the engine's command line keeps the login of the registry.
class OwnLogins {
public:
  OwnLogins() { ::setenv("DOCKER_CONFIG", m_folder.path().c_str(), 1); }
  OwnLogins(const OwnLogins&) = delete;
  OwnLogins& operator=(const OwnLogins&) = delete;
  ~OwnLogins() { ::unsetenv("DOCKER_CONFIG"); }

private:
  TempFolder m_folder;
};

class Nodes {
public:
  explicit Nodes(const std::string& registry_port) { call({"up", folder(), "3", registry_port}); }
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;
  ~Nodes() { static_cast<void>(run(command({"down", folder()}))); }

  [[nodiscard]] std::string engine() const { return "unix://" + folder() + "/1/docker.sock"; }
  void stop(int node) const { call({"stop", folder(), std::to_string(node)}); }
  void cut(int node) const { call({"cut", folder(), std::to_string(node)}); }
  void start(int node) const { call({"start", folder(), std::to_string(node)}); }

private:
  [[nodiscard]] std::string folder() const { return (m_folder.path() / "nodes").string(); }
  static Command command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), k_nodes.string());
    return {.arguments = std::move(arguments),
            .environment = clean_environment(),
            .deadline = std::chrono::minutes(3),
            .leave_background = true};
  }
  static void call(std::vector<std::string> arguments) {
    const Outcome outcome = run(command(std::move(arguments)));
    INFO(outcome.tail);
    REQUIRE(outcome.succeeded());
  }

  TempFolder m_folder;
};

/// A host whose registry wants a login and is reached by all nodes, and an app with three replicas of each color.
class SwarmHost {
public:
  SwarmHost() {
    m_host.tealhook_ok({"registry", "down"});
    write_file(m_host.home().settings(),
               fmt::format("registry: {{address: {}, listen: 0.0.0.0, auth: htpasswd}}\nengine: {{host: '{}'}}\n"
                           "router: {{kind: haproxy}}\n",
                           m_host.registry(), m_nodes.engine()));
    m_host.tealhook_ok({"registry", "up"});
    m_app = m_host.create_app();
    m_host.set_settings(m_app, "target: cluster\ntargets: {cluster: {kind: swarm, replicas: 3}}\n"
                               "container_port: 8080\nhealth: {deadline: 6s}\n");
  }

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const Nodes& nodes() const { return m_nodes; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] const Project& project() const { return m_project; }
  /// To the color, or live. Returns what the pusher saw.
  std::string push(const std::string& version, const fs::path& repository) const {
    m_project.commit(version);
    return what_was_told(m_project.push(repository));
  }
  std::string push_live(const std::string& version) const {
    const std::string told = push(version, m_host.home().app(m_app).live_repository());
    m_host.await_rest(m_app);
    INFO(told);
    REQUIRE_THAT(told, ContainsSubstring("\nlive in "));
    return told;
  }
  [[nodiscard]] std::string live() const { return m_host.live_answer(m_app); }
  [[nodiscard]] std::string docker(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--host", m_nodes.engine()});
    return m_host.docker(std::move(arguments));
  }
  [[nodiscard]] std::vector<std::string> services() const {
    auto names = split(docker({"service", "ls", "--format", "{{.Name}} {{.Replicas}}"}), '\n');
    std::sort(names.begin(), names.end());
    return names;
  }
  /// "10.199.77.1" of each that the router sends live requests to, sorted.
  [[nodiscard]] std::vector<std::string> live_nodes() const {
    std::vector<std::string> found;
    const auto routes = boost::json::parse(m_host.tealhook_ok({"router", "status", "--json"}));
    for (const auto& route : routes.at("routes").as_array()) {
      if (route.at("door") == "live") {
        for (const auto& server : route.at("servers").as_array()) {
          const std::string address = server.at("address").as_string().c_str();
          found.push_back(address.substr(0, address.find(':')));
        }
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

private:
  OwnLogins m_logins;
  TestHost m_host{"haproxy"};
  Nodes m_nodes{m_host.registry().substr(m_host.registry().find(':') + 1)};
  Project m_project{m_host};
  std::string m_app;
};

} // namespace

TEST_CASE("a push to a Swarm runs on all its nodes and one that fails or is taken back drops no request") {
  const SwarmHost swarm;
  const auto blue = swarm.host().repository(swarm.app(), Color::blue);
  const std::string first = swarm.push_live("v1");
  CHECK_THAT(first, ContainsSubstring("-blue-1, 3 replicas"));
  CHECK_THAT(first, ContainsSubstring("by 3 replicas"));
  CHECK(swarm.live() == "v1 blue");
  CHECK(swarm.live_nodes() == std::vector<std::string>{"10.199.77.1", "10.199.77.2", "10.199.77.3"});
  CHECK_THAT(swarm.docker({"service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Image}}",
                           fmt::format("tealhook-{}-blue-1", swarm.app())}),
             ContainsSubstring(swarm.host().registry() + "/" + swarm.app() + "@sha256:"));
  const Load load(swarm.host().live_port(swarm.app()));

  swarm.push_live("v2");
  CHECK(swarm.live() == "v2 green");
  const std::string own = swarm.push("v3", swarm.host().repository(swarm.app(), Color::green)); // which is live
  CHECK_THAT(own, ContainsSubstring("\nlive in ") || ContainsSubstring("\nready in "));
  swarm.host().await_rest(swarm.app());
  CHECK(swarm.live() == "v3 green");
  CHECK(swarm.services() == std::vector<std::string>{fmt::format("tealhook-{}-blue-1 3/3", swarm.app()),
                                                     fmt::format("tealhook-{}-green-3 3/3", swarm.app())});

  swarm.project().set_arguments({"--status", "500"});
  const std::string unhealthy = swarm.push("v4", swarm.host().repository(swarm.app(), Color::green));
  CHECK_THAT(unhealthy, ContainsSubstring("GET / -> 500") && ContainsSubstring("green still runs"));
  swarm.project().set_arguments({"--exit", "3"});
  const std::string ended = swarm.push("v5", swarm.host().home().app(swarm.app()).live_repository());
  CHECK_THAT(ended, ContainsSubstring("exited with 3") && ContainsSubstring("program v5 starts"));
  CHECK(swarm.live() == "v3 green");
  CHECK(swarm.services().size() == 2);

  swarm.host().tealhook_ok({"rollback", swarm.app()}); // to a kept release, which runs nowhere by now
  CHECK(swarm.live() == "v2 blue");
  swarm.host().await_rest(swarm.app());
  swarm.host().tealhook_ok({"switch", swarm.app()});
  CHECK(swarm.live() == "v3 green");
  CHECK(join(load.failures(), "; ").empty());
  CHECK(load.requests() > 100);
}

TEST_CASE("requests go on while a Swarm loses a node and then the most of its managers") {
  const SwarmHost swarm;
  swarm.push_live("v1");
  const Background serve(
      {.arguments = {TestHost::tool().string(), "serve", "--log", "json"}, .environment = swarm.host().environment()});
  const auto avoids = [&](const std::string& node, std::size_t count) {
    const auto nodes = swarm.live_nodes();
    return nodes.size() == count && std::find(nodes.begin(), nodes.end(), node) == nodes.end();
  };
  {
    const Load load(swarm.host().live_port(swarm.app()));
    swarm.nodes().stop(3);
    wait_until([&] { return avoids("10.199.77.3", 3); }, k_patience, "three replicas on two nodes");
    swarm.push_live("v2");
    CHECK(swarm.live() == "v2 green");
    // Of three people who ask, each may be in the middle of an answer by a program that ends at once when it is told
    // to.
    INFO(join(load.failures(), "; "));
    CHECK(load.failures().size() <= 3);
    CHECK(load.requests() > 100);
  }
  swarm.nodes().cut(2); // two of three: nothing is decided any more
  wait_until([&] { return avoids("10.199.77.2", 1) || avoids("10.199.77.2", 2); }, k_patience,
             "what answers at the last node");
  CHECK(swarm.live() == "v2 green");
  const std::string told = swarm.push("v3", swarm.host().home().app(swarm.app()).live_repository());
  CHECK_THAT(told, ContainsSubstring("the Swarm takes no orders by the engine"));
  CHECK(swarm.live() == "v2 green");
  CHECK(swarm.host().tealhook({"check", swarm.app()}).exit_code == 3);
}
