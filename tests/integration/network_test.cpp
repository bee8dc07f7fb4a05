// The networks of apps: their subnets out of a pool of our own, and who is in them.
#include "model/app.hpp"
#include "support/engine_bench.hpp"
#include "support/engine_proxy.hpp"
#include "support/served_app.hpp"
#include "support/shell.hpp"
#include "support/wait_until.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <future>
#include <set>

using namespace teal;
using namespace teal::engine;

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr const char* k_small_pool = "10.99.7.0/24"; // four subnets

Subnet subnet(const char* text) {
  return Subnet::parse(text).value();
}

json::value inspect_network(Engine& engine, const std::string& name) {
  return json::parse(engine.call("GET", "/networks/" + name).body);
}

std::string subnet_of(Engine& engine, const std::string& name) {
  return text(inspect_network(engine, name).at("IPAM").at("Config").at(0).at("Subnet"));
}

std::size_t count_networks(Engine& engine, const std::string& name) {
  const json::value listed = json::parse(engine.call("GET", "/networks").body);
  return static_cast<std::size_t>(std::count_if(listed.as_array().begin(), listed.as_array().end(),
                                                [&](const auto& each) { return text(each.at("Name")) == name; }));
}

/// Networks of a person's own, until the end of a test.
class OtherNetworks {
public:
  explicit OtherNetworks(Engine& engine) : m_engine(engine) {}
  OtherNetworks(const OtherNetworks&) = delete;
  OtherNetworks& operator=(const OtherNetworks&) = delete;
  ~OtherNetworks() {
    for (const std::string& name : m_names) {
      try {
        m_engine.call("DELETE", "/networks/" + name);
      } catch (const Error& error) {
        WARN("cannot remove '" << name << "': " << error.what());
      }
    }
  }

  void add(const std::string& name, const json::object& more) {
    json::object request = more;
    request["Name"] = name;
    m_engine.call("POST", "/networks/create", json::serialize(request));
    m_names.push_back(name);
  }
  void add(const std::string& name, const std::string& subnet) {
    add(name, {{"IPAM", {{"Config", json::array{json::object{{"Subnet", subnet}}}}}}});
  }
  /// Until the engine has no subnet of its own choice left.
  void use_up_what_the_engine_has(const std::string& name) {
    for (int i = 0; i < 64; ++i) {
      try {
        add(name + std::to_string(i), json::object{});
      } catch (const ApiError&) {
        return;
      }
    }
    FAIL("the engine has more subnets than it comes with");
  }

private:
  Engine& m_engine;
  std::vector<std::string> m_names;
};

} // namespace

TEST_CASE("a network of somebody else is not taken for ours, and a missing one is removed without a word") {
  EngineBench bench;
  bench.networks.ensure(bench.name + "-a", bench.labels);
  CHECK_THROWS_WITH(bench.networks.ensure(bench.name + "-a", {{"tealhook.test", "another"}}),
                    ContainsSubstring("is somebody else's"));
  bench.networks.remove(bench.name + "-missing");
}

TEST_CASE("a network is made with a small subnet of the pool whose lower half is ours") {
  EngineBench bench;
  bench.networks.ensure(bench.name + "-a", bench.labels);
  bench.networks.ensure(bench.name + "-a", bench.labels);
  CHECK(count_networks(bench.engine, bench.name + "-a") == 1);
  const auto addresses = bench.networks.addresses(bench.name + "-a");
  REQUIRE(addresses);
  CHECK(addresses->text() == subnet_of(bench.engine, bench.name + "-a"));
  CHECK(addresses->prefix() == 26);
  CHECK(addresses->text().starts_with("10.213."));
  CHECK(bench.networks.capacity(bench.name + "-a") == 31);
  CHECK(bench.networks.capacity(bench.name + "-missing") == 31);
}

TEST_CASE("a network whose maker was killed at it leaves us its lower half all the same") {
  EngineBench bench;
  EngineProxy proxy;
  Engine engine(proxy.host());
  Networks networks(engine, {subnet("10.213.0.0/16"), bench.folder.path() / "network.lock"});
  proxy.interrupt([](std::string_view request) { return request.find("/networks/create") != std::string_view::npos; },
                  EngineProxy::Moment::after, [] {});
  CHECK_THROWS(networks.ensure(bench.name + "-a", bench.labels));
  networks.ensure(bench.name + "-a", bench.labels);
  CHECK(networks.addresses(bench.name + "-a"));
}

TEST_CASE("many that want one network at once make one") {
  EngineBench bench;
  std::vector<std::future<void>> makers;
  for (int i = 0; i < 4; ++i) {
    makers.push_back(std::async(std::launch::async, [&] {
      Engine engine(k_host);
      Networks(engine, {subnet("10.213.0.0/16"), bench.folder.path() / "network.lock"})
          .ensure(bench.name + "-a", bench.labels, Networks::Reach::internal);
    }));
  }
  for (auto& maker : makers) {
    CHECK_NOTHROW(maker.get());
  }
  CHECK(count_networks(bench.engine, bench.name + "-a") == 1);
}

TEST_CASE("homes that share an engine and a pool get subnets apart until none is left") {
  EngineBench bench;
  std::vector<std::future<void>> makers;
  for (const char* ending : {"-a", "-b", "-c", "-d"}) {
    makers.push_back(std::async(std::launch::async, [&bench, ending] {
      Engine engine(k_host);
      Networks(engine, {subnet(k_small_pool), bench.folder.path() / ending}).ensure(bench.name + ending, bench.labels);
    }));
  }
  std::set<std::string> subnets;
  for (auto& maker : makers) {
    CHECK_NOTHROW(maker.get());
  }
  for (const char* ending : {"-a", "-b", "-c", "-d"}) {
    subnets.insert(subnet_of(bench.engine, bench.name + ending));
  }
  CHECK(subnets == std::set<std::string>{"10.99.7.0/26", "10.99.7.64/26", "10.99.7.128/26", "10.99.7.192/26"});
  Networks networks(bench.engine, {subnet(k_small_pool), bench.folder.path() / "network.lock"});
  CHECK_THROWS_WITH(networks.ensure(bench.name + "-e", bench.labels),
                    ContainsSubstring("no subnet is left for network") && ContainsSubstring("10.99.7.0/24") &&
                        ContainsSubstring("engine have 4") && ContainsSubstring("engine.address_pool"));
}

TEST_CASE("subnets that the host has routes to or the engine has given are passed over") {
  EngineBench bench;
  OtherNetworks others(bench.engine);
  others.add(bench.name + "-wide", "10.99.7.64/26");
  others.add(bench.name + "-narrow", "10.99.7.200/29");
  Networks networks(bench.engine, {subnet(k_small_pool), bench.folder.path() / "network.lock"});
  CHECK(networks.pool_use().left == 2);
  CHECK(networks.pool_use().of_networks == 2);
  networks.ensure(bench.name + "-a", bench.labels);
  networks.ensure(bench.name + "-b", bench.labels);
  CHECK(std::set<std::string>{subnet_of(bench.engine, bench.name + "-a"), subnet_of(bench.engine, bench.name + "-b")} ==
        std::set<std::string>{"10.99.7.0/26", "10.99.7.128/26"});

  Networks shadowed(bench.engine, {subnet("127.1.0.0/16"), bench.folder.path() / "network.lock"});
  CHECK(shadowed.pool_use().of_routes == 1024);
  CHECK_THROWS_WITH(shadowed.ensure(bench.name + "-c", bench.labels), ContainsSubstring("routes of this host 1024"));
}

TEST_CASE("containers of a network that is internal cannot talk to each other") {
  EngineBench bench;
  bench.networks.ensure(bench.name + "-a", bench.labels, Networks::Reach::internal);
  CHECK(subnet_of(bench.engine, bench.name + "-a").ends_with("/22"));
  ContainerSpec spec = bench.spec({"sh", "-c", "echo hello >/index.html; exec httpd -f -p 8080 -h /"});
  spec.network = bench.name + "-a";
  const std::string server = bench.containers.create(spec);
  spec.name += "-client";
  const std::string client = bench.containers.create(spec);
  for (const std::string& id : {server, client}) {
    bench.containers.start(id);
  }
  // Not wget: that of a static busybox crashes.
  const std::string ask = fmt::format("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 {} 8080 | grep -q hello",
                                      bench.containers.inspect(server)->addresses.at(spec.network));
  const auto reaches = [&](const std::string& id) {
    return bench.containers.exec(id, {"sh", "-c", ask}, 30s).exit_code == 0;
  };
  wait_until([&] { return reaches(server); }, 10s, "the server's answer to itself");
  CHECK_FALSE(reaches(client));
}

TEST_CASE("what is attached to no network is detached without a word and what is not there is not") {
  EngineBench bench;
  bench.networks.ensure(bench.name + "-a", bench.labels);
  const std::string id = bench.containers.create(bench.spec());
  bench.containers.start(id);
  CHECK_NOTHROW(bench.networks.disconnect(bench.name + "-a", id));
  CHECK_THROWS(bench.networks.disconnect(bench.name + "-a", bench.name + "-missing"));
}

TEST_CASE("an app is deployed though the engine has no subnet of its own choice left") {
  const ServedApp app;
  Engine engine(k_host);
  OtherNetworks others(engine);
  others.use_up_what_the_engine_has(app.name() + "-other");
  app.push("v2"); // its starting network is made now
  CHECK(app.answer() == "v2 blue");
  app.push("green", Color::green);
  CHECK(app.answer(Color::green) == "green green");
}

TEST_CASE("the apps of a home share the network that they start in and it goes with the last of them") {
  const ServedApp app;
  Engine engine(k_host);
  const std::string starting = starting_network_name(app.host().home().root.string());
  const std::string other = app.name() + "-other";
  app.host().tealhook_ok({"app", "create", other});
  for (const char* version : {"v2", "v3"}) {
    app.push(version);
    REQUIRE(app.project().push(other, Color::blue).succeeded());
  }
  CHECK(count_networks(engine, starting) == 1);
  CHECK(count_networks(engine, former_starting_network_name(app.name())) == 0);
  static_cast<void>(app.ended_step("retire"));
  const auto blue = Containers(engine).inspect(app.name() + "-blue");
  REQUIRE(blue);
  CHECK(blue->addresses.size() == 1);
  app.host().tealhook_ok({"app", "remove", app.name(), "--yes"});
  CHECK(count_networks(engine, starting) == 1);
  app.host().tealhook_ok({"app", "remove", other, "--yes"});
  CHECK(count_networks(engine, starting) == 0);
}

TEST_CASE("networks of an older tealhook are used as they are and removed with their app") {
  TestHost host;
  const std::string app = host.create_app();
  Engine engine(k_host);
  for (const std::string& name : {network_name(app), former_starting_network_name(app)}) {
    const json::object labels{{label::k_home, host.home().root.string()}, {label::k_app, app}};
    engine.call("POST", "/networks/create", json::serialize(json::object{{"Name", name}, {"Labels", labels}}));
  }
  const std::string before = subnet_of(engine, network_name(app));
  const Project project(host);
  for (const char* version : {"v1", "v2"}) {
    project.commit(version);
    REQUIRE(project.push(app, Color::blue).succeeded());
    CHECK(host.answer(app, Color::blue) == std::string(version) + " blue");
  }
  CHECK(subnet_of(engine, network_name(app)) == before);
  host.tealhook_ok({"app", "remove", app, "--yes"});
  CHECK(count_networks(engine, network_name(app)) == 0);
  CHECK(count_networks(engine, former_starting_network_name(app)) == 0);
}

TEST_CASE("check says how many subnets are left and a push that finds none what to do") {
  TestHost host;
  const std::string app = host.create_app();
  CHECK_THAT(host.tealhook_ok({"check"}),
             ContainsSubstring("addresses") && ContainsSubstring("of 1024 subnets for apps are left in 10.213.0.0/16"));
  const ChangedFile settings(host.home().settings(), "#address_pool: 10.213.0.0/16",
                             fmt::format("address_pool: {}", k_small_pool));
  CHECK_THAT(host.tealhook_ok({"check"}), ContainsSubstring("4 of 4 subnets for apps are left in 10.99.7.0/24"));
  Engine engine(k_host);
  OtherNetworks others(engine);
  others.add(app + "-other", k_small_pool);
  const Outcome checked = host.tealhook({"check"});
  INFO(checked.tail);
  CHECK(checked.exit_code == 3);
  CHECK_THAT(checked.output, ContainsSubstring("BAD") && ContainsSubstring("0 of 4 subnets") &&
                                 ContainsSubstring("set engine.address_pool in tealhook.yml"));
  const Project project(host);
  project.commit("v1");
  const std::string told = what_was_told(project.push(app, Color::blue));
  CHECK_THAT(told, ContainsSubstring("FAILED") && ContainsSubstring("no subnet is left for network 'tealhook-" + app) &&
                       ContainsSubstring("set engine.address_pool in tealhook.yml"));
}

TEST_CASE("an app whose processes do not fit into its network is told so before anything is touched") {
  const ServedApp app;
  std::string processes;
  for (int i = 0; i < 31; ++i) {
    processes += fmt::format("{}p{}: [/program]", i == 0 ? "" : ", ", i);
  }
  app.set_settings(fmt::format("run: {{processes: {{{}}}}}\n", processes));
  CHECK_THAT(
      app.push_in_vain("v2"),
      ContainsSubstring("has addresses for 31 containers: 1 are there, and this deployment starts 32 beside them"));
}
