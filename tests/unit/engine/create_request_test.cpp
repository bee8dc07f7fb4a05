#include "engine/create_request.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::engine;

namespace {

ContainerSpec small_spec() {
  ContainerSpec spec;
  spec.name = "shop-green";
  spec.image = "localhost:5000/shop@sha256:1";
  return spec;
}

} // namespace

TEST_CASE("a container gets its environment, labels and command") {
  ContainerSpec spec = small_spec();
  spec.env = {{"COLOR", "green"}, {"EMPTY", ""}};
  spec.labels = {{"tealhook.app", "shop"}};
  spec.arguments = {"serve", "--port", "8080"};
  const std::string request = create_request(spec);
  CHECK_THAT(request, ContainsSubstring(R"("Image":"localhost:5000/shop@sha256:1")"));
  CHECK_THAT(request, ContainsSubstring(R"("Env":["COLOR=green","EMPTY="])"));
  CHECK_THAT(request, ContainsSubstring(R"("Labels":{"tealhook.app":"shop"})"));
  CHECK_THAT(request, ContainsSubstring(R"("Cmd":["serve","--port","8080"])"));
}

TEST_CASE("a container without a command of its own keeps the image's") {
  CHECK_THAT(create_request(small_spec()), !ContainsSubstring("\"Cmd\""));
}

TEST_CASE("ports are exposed, and bound to an address of the host") {
  ContainerSpec spec = small_spec();
  spec.ports = {{.host_address = "0.0.0.0", .host_port = 50100, .container_port = 8080}};
  const std::string request = create_request(spec);
  CHECK_THAT(request, ContainsSubstring(R"("ExposedPorts":{"8080/tcp":{}})"));
  CHECK_THAT(request, ContainsSubstring(R"("PortBindings":{"8080/tcp":[{"HostIp":"0.0.0.0","HostPort":"50100"}]})"));
}

TEST_CASE("one port of a container can be bound twice") {
  ContainerSpec spec = small_spec();
  spec.ports = {{.host_address = "127.0.0.1", .host_port = 1, .container_port = 80},
                {.host_address = "10.0.0.1", .host_port = 2, .container_port = 80}};
  CHECK_THAT(
      create_request(spec),
      ContainsSubstring(R"("80/tcp":[{"HostIp":"127.0.0.1","HostPort":"1"},{"HostIp":"10.0.0.1","HostPort":"2"}])"));
}

TEST_CASE("only the first network is named at creation, with the container's alias in it") {
  ContainerSpec spec = small_spec();
  spec.network = "tealhook-shop";
  spec.networks = {"backend"};
  spec.alias = "shop";
  const std::string request = create_request(spec);
  CHECK_THAT(request, ContainsSubstring(R"("NetworkMode":"tealhook-shop")"));
  CHECK_THAT(request, ContainsSubstring(R"("EndpointsConfig":{"tealhook-shop":{"Aliases":["shop"]}})"));
  CHECK_THAT(request, !ContainsSubstring("backend"));
}

TEST_CASE("without a network the engine's own default is left to it") {
  const std::string request = create_request(small_spec());
  CHECK_THAT(request, !ContainsSubstring("NetworkMode"));
  CHECK_THAT(request, !ContainsSubstring("NetworkingConfig"));
}

TEST_CASE("limits are given in bytes and billionths of a CPU, and left out where there are none") {
  ContainerSpec spec = small_spec();
  CHECK_THAT(create_request(spec), !ContainsSubstring("Memory"));
  CHECK_THAT(create_request(spec), !ContainsSubstring("NanoCpus"));
  spec.memory = 64ULL << 20U;
  spec.cpus = 0.5;
  CHECK_THAT(create_request(spec), ContainsSubstring(R"("Memory":67108864)"));
  CHECK_THAT(create_request(spec), ContainsSubstring(R"("NanoCpus":500000000)"));
}

TEST_CASE("logs are rotated and a stop timeout is rounded up to whole seconds") {
  ContainerSpec spec = small_spec();
  spec.stop_timeout = Milliseconds(2500);
  const std::string request = create_request(spec);
  CHECK_THAT(request, ContainsSubstring(R"("Config":{"max-size":"10m","max-file":"3"})"));
  CHECK_THAT(request, ContainsSubstring(R"("StopTimeout":3)"));
  CHECK_THAT(request, ContainsSubstring(R"("RestartPolicy":{"Name":"unless-stopped"})"));
}

TEST_CASE("what runs once has a terminal and input where it is to, and is removed by the engine") {
  ContainerSpec spec = small_spec();
  const std::string usual = create_request(spec);
  CHECK_THAT(usual, !ContainsSubstring("Tty") && !ContainsSubstring("OpenStdin") && !ContainsSubstring("AutoRemove"));
  spec.terminal = spec.reads_input = spec.auto_remove = true;
  const std::string request = create_request(spec);
  CHECK_THAT(request, ContainsSubstring(R"("Tty":true)") && ContainsSubstring(R"("AutoRemove":true)"));
  CHECK_THAT(request, ContainsSubstring(R"("OpenStdin":true)") && ContainsSubstring(R"("StdinOnce":true)"));
}
