#include "host/socket_peer.hpp"
#include "process/detached.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("who listens at a socket is told by the kernel, and nobody where nobody does") {
  const TempFolder folder;
  const auto path = folder.path() / "socket";
  CHECK_FALSE(find_listener(path));
  CHECK_FALSE(find_listener(std::string(200, 'x')));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK_FALSE(find_listener(path));
  REQUIRE(::listen(listener, 1) == 0);
  CHECK(find_listener(path) == ::getpid());
  ::close(listener);
}

TEST_CASE("a process began before now, and after this test's own began") {
  const ProcessId child = start_detached({.arguments = {"true"}, .environment = {{"PATH", "/usr/bin:/bin"}}});
  CHECK(began_at(child) <= SystemClock().now());
  CHECK(began_at(child) >= began_at(identify(::getpid()).value()));
}
