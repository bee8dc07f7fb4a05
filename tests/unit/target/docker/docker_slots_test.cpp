#include "core/subnet.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "target/docker/docker_slots.hpp"
#include "unit/target/docker/scripted_engine.hpp"

#include <unistd.h>

#include <fstream>

using namespace teal;

namespace {

const Slot k_slot{"/srv/tealhook", "shop", Color::blue};
constexpr const char* k_among_its_own = "tealhook-shop--blue-2_tealhook.start";

ScriptedEngine::Container web_in(std::set<std::string> networks) {
  ScriptedEngine::Container web{.id = "web", .name = "shop-blue", .running = true};
  for (const auto& [name, value] : k_slot.labels()) {
    web.labels[name] = value;
  }
  web.labels[label::k_start] = std::string(k_among_its_own) + "=web";
  web.networks = std::move(networks);
  return web;
}

ScriptedEngine::Container next_web(bool running, const std::string& restart) {
  ScriptedEngine::Container next = web_in({"tealhook-shop"});
  next.id = "next";
  next.name = "shop-blue-next";
  next.running = running;
  next.restart = restart;
  return next;
}

} // namespace

TEST_CASE("a container's process is this host's if its control group names the container") {
  std::string own_group;
  std::getline(std::ifstream("/proc/self/cgroup"), own_group);
  engine::Container container;
  container.id = own_group;
  container.pid = ::getpid();
  CHECK(is_process_of_this_host(container));
  container.id = "0123456789abcdef of another host";
  CHECK_FALSE(is_process_of_this_host(container));
  container.id = own_group;
  container.pid = 0; // not running
  CHECK_FALSE(is_process_of_this_host(container));
}

TEST_CASE("the current container has the port while it is in the app's network") {
  SlotContainers found{.slot = {"/srv/tealhook", "shop", Color::blue}, .current = {}, .next = {}, .retired = {}};
  CHECK_FALSE(found.current_has_port());
  found.current.emplace();
  CHECK_FALSE(found.current_has_port());
  found.current->addresses = {{"other", "172.18.0.2"}};
  CHECK_FALSE(found.current_has_port());
  found.current->addresses = {{"tealhook-shop", "172.19.0.2"}};
  CHECK(found.current_has_port());
}

TEST_CASE("what serves leaves the network that it began in, and what does not serve yet stays there") {
  const TempFolder folder;
  ScriptedEngine script;
  const bool serves = GENERATE(true, false);
  script.add(web_in({serves ? "tealhook-shop" : "other", k_among_its_own}));
  engine::Engine engine(script.host());
  DockerSlots slots(engine, {.range = Subnet::parse("10.213.0.0/16").value(), .lock = folder.path() / "lock"});
  slots.finish_start(k_slot);
  const std::vector<std::string> left{"disconnect " + std::string(k_among_its_own) + " shop-blue"};
  CHECK(script.done() == (serves ? left : std::vector<std::string>()));
}

TEST_CASE("a detaching that was cut short is made good, with the port where it is") {
  const TempFolder folder;
  ScriptedEngine script;
  ScriptedEngine::Container web = web_in({"tealhook-shop"});
  web.labels[label::k_networks] = "data=web";
  web.ports["8080/tcp"] = boost::json::array{boost::json::object{{"HostIp", "127.0.0.1"}, {"HostPort", "50101"}}};
  script.add(std::move(web));
  engine::Engine engine(script.host());
  DockerSlots slots(engine, {.range = Subnet::parse("10.213.0.0/16").value(), .lock = folder.path() / "lock"});
  slots.install(slots.find(k_slot), Place::current);
  CHECK(script.done() == std::vector<std::string>{"connect data shop-blue"});
}

TEST_CASE("what takes over is kept alive before it has the name, and told so once") {
  const TempFolder folder;
  ScriptedEngine script;
  const bool is_kept = GENERATE(false, true); // by a runner that was killed then
  script.add(next_web(true, is_kept ? "unless-stopped" : "no"));
  engine::Engine engine(script.host());
  DockerSlots slots(engine, {.range = Subnet::parse("10.213.0.0/16").value(), .lock = folder.path() / "lock"});
  const bool by_recovery = GENERATE(false, true);
  if (by_recovery) {
    slots.install(slots.find(k_slot), Place::next);
  } else {
    slots.adopt(k_slot);
  }
  std::vector<std::string> done{"rename shop-blue-next shop-blue"};
  if (!is_kept) {
    done.insert(done.begin(), "update shop-blue-next");
  }
  CHECK(script.done() == done);
}

TEST_CASE("what has ended before it is kept alive does not take over") {
  const TempFolder folder;
  ScriptedEngine script;
  script.add(web_in({"tealhook-shop"}));
  script.add(next_web(false, "no"));
  engine::Engine engine(script.host());
  DockerSlots slots(engine, {.range = Subnet::parse("10.213.0.0/16").value(), .lock = folder.path() / "lock"});
  CHECK_THROWS_WITH(slots.adopt(k_slot), "'shop-blue-next' has ended before it could take over");
  CHECK(script.names() == std::vector<std::string>{"shop-blue", "shop-blue-next"});
}
