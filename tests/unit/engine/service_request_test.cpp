#include "engine/service_request.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

using namespace teal;
using namespace teal::engine;

namespace {

namespace json = boost::json;

ServiceSpec shop() {
  ServiceSpec spec;
  spec.name = "tealhook-shop-blue-42";
  spec.image = "localhost:5000/shop@sha256:1";
  spec.env = {{"GREETING", "hello"}, {"PORT", "8080"}};
  spec.labels = {{"tealhook.app", "shop"}};
  spec.replicas = 3;
  spec.port = 8080;
  return spec;
}

json::value request_of(const ServiceSpec& spec) {
  return json::parse(service_request(spec));
}

json::value container_of(const ServiceSpec& spec) {
  return request_of(spec).at("TaskTemplate").at("ContainerSpec");
}

} // namespace

TEST_CASE("a service has its replicas each with a port of its node and needs no IPVS") {
  const json::value request = request_of(shop());
  CHECK(request.at("Name") == "tealhook-shop-blue-42");
  CHECK(request.at("Mode").at("Replicated").at("Replicas") == 3);
  CHECK(request.at("EndpointSpec").at("Mode") == "dnsrr");
  const json::value& port = request.at("EndpointSpec").at("Ports").at(0);
  CHECK(port.at("PublishMode") == "host");
  CHECK(port.at("TargetPort") == 8080);
  CHECK_FALSE(port.as_object().contains("PublishedPort"));
  CHECK(container_of(shop()).at("Image") == "localhost:5000/shop@sha256:1");
}

TEST_CASE("who updates a service by hand gets the new task first and the old ones back if that fails") {
  const json::value update = request_of(shop()).at("UpdateConfig");
  CHECK(update.at("Order") == "start-first");
  CHECK(update.at("FailureAction") == "rollback");
}

TEST_CASE("what looks like a template of Swarm in a variable is what it means") {
  ServiceSpec spec = shop();
  spec.env = {{"PAGE", "{{ title }} {{"}};
  CHECK(container_of(spec).at("Env").at(0) == R"(PAGE={{"{{"}} title }} {{"{{"}})");
}

TEST_CASE("a volume of a path is that of the node and any other is a volume by name") {
  ServiceSpec spec = shop();
  spec.volumes = {"/srv/files:/files:ro", "data:/data"};
  const json::value mounts = container_of(spec).at("Mounts");
  CHECK(mounts.at(0).at("Type") == "bind");
  CHECK(mounts.at(0).at("ReadOnly") == true);
  CHECK(mounts.at(1).at("Type") == "volume");
  CHECK(mounts.at(1).at("Source") == "data");
  CHECK(mounts.at(1).at("Target") == "/data");
}

TEST_CASE("a command that tells health is Swarm's to run and without one the image's own is left to it") {
  CHECK_FALSE(container_of(shop()).as_object().contains("Healthcheck"));
  ServiceSpec spec = shop();
  spec.health.command = {"bin/check", "--all"};
  const json::value health = container_of(spec).at("Healthcheck");
  CHECK(json::serialize(health.at("Test")) == R"(["CMD","bin/check","--all"])");
  CHECK(health.at("Interval") == 1'000'000'000);
}
