// Against a real engine at its usual socket, busybox-static as the contents of images, and a real registry.
#include "engine/image_push.hpp"
#include "http/tcp_probe.hpp"
#include "support/engine_bench.hpp"
#include "support/free_port.hpp"
#include "support/wait_until.hpp"

#include <algorithm>

using namespace teal;
using namespace teal::engine;

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

bool accepts_connections(std::uint16_t port) {
  return !http::why_no_connection("127.0.0.1", port, 1s);
}

} // namespace

TEST_CASE("the engine tells its version and where it keeps images") {
  Engine engine(k_host);
  CHECK_FALSE(engine.version().engine.empty());
  CHECK_THAT(engine.version().api, ContainsSubstring("1."));
  CHECK(fs::path(engine.data_root()).is_absolute());
}

TEST_CASE("the engine's refusal comes with its status and its words") {
  Engine engine(k_host);
  try {
    engine.call("GET", "/containers/tealhook-is-not-there/json");
    FAIL("it should have been refused");
  } catch (const ApiError& error) {
    CHECK(error.status() == 404);
    CHECK_THAT(error.message(), ContainsSubstring("No such container"));
  }
}

TEST_CASE("each command line on the path builds, with args, labels, a target and the cache") {
  EngineBench bench;
  for (const fs::path& program : find_programs("docker", clean_environment())) {
    INFO("with " << program);
    Cli cli(bench.engine, program.string(), clean_environment(), bench.folder.path() / "cache");
    BuildRequest request = bench.request("FROM scratch AS first\nLABEL tealhook.test=" + bench.name +
                                         "\nARG GREETING\nLABEL greeting=$GREETING\n"
                                         "COPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"true\"]\n"
                                         "FROM first AS second\nCOPY none /\n");
    request.target = "first";
    request.args = {{"GREETING", "good day = \"x\""}};
    request.labels = {{"tealhook.commit", program.string()}};
    request.tags = {bench.name + ":one", bench.name + ":two"};
    const BuildResult first = cli.build(request, {});
    CHECK(first.layers == 2);
    const BuildResult second = cli.build(request, {});
    CHECK(second.image_id == first.image_id);
    CHECK(second.cached == 2);

    const auto image = bench.images.inspect(bench.name + ":two");
    REQUIRE(image);
    CHECK(image->id == first.image_id);
    ContainerSpec spec = bench.spec();
    spec.image = first.image_id;
    const auto container = bench.containers.inspect(bench.containers.create(spec));
    REQUIRE(container);
    CHECK(container->labels.at("greeting") == "good day = \"x\"");
    CHECK(container->labels.at("tealhook.commit") == program.string());
    bench.containers.remove(container->id);
  }
}

TEST_CASE("a build that fails names its step and its exit code, whatever the command line") {
  EngineBench bench;
  for (const fs::path& program : find_programs("docker", clean_environment())) {
    INFO("with " << program);
    Cli cli(bench.engine, program.string(), clean_environment(), bench.folder.path() / "cache");
    const BuildRequest request = bench.request("FROM " + bench.name + ":base\nRUN echo before; exit 7\n");
    std::string output;
    CHECK_THROWS_WITH(cli.build(request, [&](std::string_view text) { output += text; }),
                      "build failed at step 'RUN echo before; exit 7': exit code: 7");
    CHECK_THAT(output, ContainsSubstring("before"));
  }
}

TEST_CASE("a build that takes too long is ended") {
  EngineBench bench;
  BuildRequest request = bench.request("FROM " + bench.name + ":base\nRUN sleep 60\n");
  request.deadline = 2s;
  CHECK_THROWS_WITH(bench.cli.build(request, {}), ContainsSubstring("did not end within 2s"));
}

TEST_CASE("a container lives, and is seen to") {
  EngineBench bench;
  ContainerSpec spec = bench.spec({"sh", "-c", "echo out; echo err >&2; exec sleep 1000"});
  spec.env = {{"COLOR", "green"}};
  spec.memory = 32U << 20U;
  const std::string id = bench.containers.create(spec);

  const auto created = bench.containers.inspect(id);
  REQUIRE(created);
  CHECK(created->name == bench.name);
  CHECK(created->status == "created");
  CHECK_FALSE(created->running);
  CHECK(created->pid == 0);

  bench.containers.start(id);
  const auto started = bench.containers.inspect(bench.name);
  REQUIRE(started);
  CHECK(started->id == id);
  CHECK(started->running);
  CHECK(started->pid > 0);
  CHECK(started->stop_signal == "SIGTERM");
  CHECK(started->image == spec.image);
  CHECK(has_labels(started->labels, bench.labels));

  wait_until([&] { return bench.containers.last_log(id, 10).find("err") != std::string::npos; }, 5s, "the log");
  CHECK_THAT(bench.containers.last_log(id, 10), ContainsSubstring("out\n"));

  const auto found = bench.containers.list({{"tealhook.test", ""}, {"tealhook.test", bench.name}});
  CHECK(std::any_of(found.begin(), found.end(), [&](const auto& each) { return each.id == id && each.running; }));
  CHECK(bench.containers.list({{"tealhook.test", "another"}}).empty());

  bench.containers.rename(id, bench.name + "-renamed");
  CHECK_FALSE(bench.containers.inspect(bench.name));
  bench.containers.stop(id, 500ms);
  bench.containers.stop(id, 500ms);
  const auto stopped = bench.containers.inspect(id);
  REQUIRE(stopped);
  CHECK(stopped->status == "exited");
  CHECK(stopped->exit_code == 137);
  bench.containers.remove(id);
  bench.containers.remove(id);
  CHECK_FALSE(bench.containers.inspect(id));
}

TEST_CASE("a taken container name is a conflict") {
  EngineBench bench;
  bench.containers.create(bench.spec());
  try {
    bench.containers.create(bench.spec());
    FAIL("it should have been refused");
  } catch (const ApiError& error) {
    CHECK(error.status() == 409);
  }
}

TEST_CASE("a program that cannot be started is told in the engine's words") {
  EngineBench bench;
  const std::string id = bench.containers.create(bench.spec({"/no/such/program"}));
  CHECK_THROWS_WITH(bench.containers.start(id), ContainsSubstring("/no/such/program"));
}

TEST_CASE("a command in a container gives its output and exit code, or runs out of patience") {
  EngineBench bench;
  ContainerSpec spec = bench.spec();
  spec.env = {{"COLOR", "green"}};
  const std::string id = bench.containers.create(spec);
  bench.containers.start(id);
  const ExecResult result = bench.containers.exec(id, {"sh", "-c", "echo $COLOR; echo err >&2; exit 3"}, 10s);
  CHECK(result.exit_code == 3);
  CHECK_THAT(result.output, ContainsSubstring("green\n"));
  CHECK_THAT(result.output, ContainsSubstring("err\n"));
  CHECK(bench.containers.exec(id, {"true"}, 10s).exit_code == 0);
  try {
    static_cast<void>(bench.containers.exec(id, {"sleep", "100"}, 200ms));
    FAIL("it should have run out of patience");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::timeout);
    CHECK_THAT(error.message(), ContainsSubstring("'sleep 100' did not end within 200ms"));
  }
  CHECK(bench.containers.exec(id, {"true"}, 10s).exit_code == 0);
}

TEST_CASE("a container detached from its first network frees its port and takes it again") {
  EngineBench bench;
  const std::uint16_t port = free_port();
  bench.networks.ensure(bench.name + "-a", bench.labels);
  bench.networks.ensure(bench.name + "-a", bench.labels);
  ContainerSpec spec = bench.spec({"httpd", "-f", "-p", "8080"});
  spec.network = bench.name + "-a";
  spec.alias = "web";
  spec.ports = {{.host_address = "127.0.0.1", .host_port = port, .container_port = 8080}};
  const std::string id = bench.containers.create(spec);
  bench.containers.start(id);

  const auto attached = bench.containers.inspect(id);
  REQUIRE(attached);
  CHECK_FALSE(attached->addresses.at(bench.name + "-a").empty());
  wait_until([&] { return accepts_connections(port); }, 5s, "the port to be published");
  const auto publishing = bench.containers.publishing(port);
  REQUIRE(publishing.size() == 1);
  CHECK(publishing.front().name == bench.name);

  bench.networks.disconnect(bench.name + "-a", id);
  bench.networks.disconnect(bench.name + "-a", id);
  CHECK_FALSE(accepts_connections(port));
  CHECK(bench.containers.publishing(port).empty());
  const auto detached = bench.containers.inspect(id);
  REQUIRE(detached);
  CHECK(detached->running);
  REQUIRE(detached->ports.size() == 1);
  CHECK(detached->ports.front().host_port == port);
  CHECK(detached->ports.front().container_port == 8080);
  CHECK_FALSE(detached->addresses.contains(bench.name + "-a"));

  bench.networks.connect(bench.name + "-a", id, "web");
  wait_until([&] { return accepts_connections(port); }, 5s, "the port to be published again");
}

TEST_CASE("a container on two networks frees its port once it is detached from both") {
  EngineBench bench;
  bench.networks.ensure(bench.name + "-a", bench.labels);
  bench.networks.ensure(bench.name + "-b", bench.labels);
  const std::uint16_t port = free_port();
  ContainerSpec spec = bench.spec({"httpd", "-f", "-p", "8080"});
  spec.network = bench.name + "-a";
  spec.networks = {bench.name + "-b"};
  spec.ports = {{.host_address = "127.0.0.1", .host_port = port, .container_port = 8080}};
  const std::string id = bench.containers.create(spec);
  bench.containers.start(id);
  wait_until([&] { return accepts_connections(port); }, 5s, "the port to be published");
  const auto attached = bench.containers.inspect(id);
  REQUIRE(attached);
  REQUIRE(attached->addresses.size() == 2);
  for (const auto& [network, address] : attached->addresses) {
    CHECK_FALSE(address.empty());
    bench.networks.disconnect(network, id);
  }
  CHECK_FALSE(accepts_connections(port));
}

TEST_CASE("a container whose further network is missing does not start") {
  EngineBench bench;
  ContainerSpec spec = bench.spec();
  spec.networks = {bench.name + "-missing"};
  // Engines differ in whether they refuse it here or there.
  CHECK_THROWS_WITH(bench.containers.start(bench.containers.create(spec)), ContainsSubstring(spec.networks.front()));
}

TEST_CASE("an image is found by its names, and stays while a container uses it") {
  EngineBench bench;
  const auto image = bench.images.inspect(bench.name + ":base");
  REQUIRE(image);
  CHECK(image->size > 0);
  bench.images.tag(image->id, bench.name, "other");
  const auto listed = bench.images.list(bench.name);
  REQUIRE(listed.size() == 1);
  CHECK(listed.front().id == image->id);
  CHECK(listed.front().tags.size() == 2);

  const std::string id = bench.containers.create(bench.spec());
  CHECK(bench.images.remove(bench.name + ":other"));
  CHECK_FALSE(bench.images.remove(image->id));
  bench.containers.remove(id);
  CHECK(bench.images.remove(bench.name + ":base"));
  CHECK(bench.images.remove(bench.name + ":base"));
  CHECK_FALSE(bench.images.inspect(bench.name + ":base"));
}

TEST_CASE("a push and a pull that are refused say why") {
  EngineBench bench;
  const std::string nowhere = fmt::format("localhost:{}/shop", free_port());
  bench.images.tag(bench.name + ":base", nowhere, "blue");
  CHECK_THROWS_WITH(push_image(bench.engine, {.repository = nowhere, .tag = "blue", .login = {}}),
                    ContainsSubstring("connection refused"));
  CHECK_THROWS_WITH(bench.cli.pull(nowhere + ":blue", {}), ContainsSubstring("connection refused"));
  CHECK(bench.images.remove(nowhere + ":blue"));
}
