#include "support/catch.hpp"
#include "target/docker/docker_target.hpp"

using namespace teal;

namespace {

engine::Container shop_blue() {
  engine::Container container;
  container.id = "b";
  container.name = "shop-blue";
  container.running = true;
  container.status = "running";
  container.addresses = {{"tealhook-shop", "10.213.0.2"}, {"other", "172.18.0.2"}};
  container.labels = {{label::k_app, "shop"},   {label::k_color, "blue"},    {label::k_port, "9000"},
                      {label::k_release, "17"}, {label::k_deployment, "41"}, {label::k_commit, "5aa01fe"}};
  return container;
}

} // namespace

TEST_CASE("what runs is told by a container's labels and by its address in the app's network") {
  const Running running = running_of(shop_blue());
  CHECK(running.id == "b");
  CHECK(running.name == "shop-blue");
  CHECK(running.runs);
  CHECK(running.app == "shop");
  CHECK(running.color == Color::blue);
  CHECK(running.release == 17);
  CHECK(running.deployment == 41);
  CHECK(running.commit == "5aa01fe");
  CHECK(running.address == "10.213.0.2");
  CHECK(running.port == 9000);
  CHECK(running.published == 0);
}

TEST_CASE("a container that does not run or is in other networks alone has no address for a router") {
  engine::Container stopped = shop_blue();
  stopped.running = false;
  CHECK(running_of(stopped).address.empty());
  engine::Container elsewhere = shop_blue();
  elsewhere.addresses.erase("tealhook-shop");
  CHECK(running_of(elsewhere).address.empty());
}

TEST_CASE("a container has its published port while it runs in the app's network") {
  engine::Container publishing = shop_blue();
  publishing.ports = {{"0.0.0.0", 50101, 9000}};
  CHECK(running_of(publishing).published == 50101);
  CHECK(running_of(publishing).has_published_port);
  publishing.addresses.erase("tealhook-shop");
  CHECK(running_of(publishing).published == 50101);
  CHECK_FALSE(running_of(publishing).has_published_port);
}

TEST_CASE("on another host, what a router reaches publishes a port of its own, and none of its color") {
  engine::Container remote = shop_blue();
  remote.ports = {{"0.0.0.0", 52041, 9000}};
  remote.labels[label::k_reached_at] = "10.0.0.7:52041";
  const Running running = running_of(remote);
  CHECK(running.address == "10.0.0.7");
  CHECK(running.port == 52041);
  CHECK(running.published == 0);
  remote.running = false;
  CHECK(running_of(remote).address.empty());
}

TEST_CASE("a label that is no port is none") {
  engine::Container container = shop_blue();
  for (const char* wrong : {"", "x", "0", "70000"}) {
    container.labels[label::k_port] = wrong;
    CHECK(running_of(container).port == 0);
  }
}
