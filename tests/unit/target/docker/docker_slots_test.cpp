#include "support/catch.hpp"
#include "target/docker/docker_slots.hpp"

#include <unistd.h>

#include <fstream>

using namespace teal;

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
