#include "host/listener_hold.hpp"
#include "support/catch.hpp"
#include "support/kernel.hpp"
#include "support/outgoing_connection.hpp"
#include "support/shared_listener.hpp"
#include "support/wait_until.hpp"

#include <chrono>
#include <list>
#include <memory>
#include <thread>

using namespace teal;

namespace {

constexpr std::chrono::seconds k_patience(10);
constexpr int k_many = 40; // one of two listeners gets all of them by chance once in a million million times

} // namespace

TEST_CASE("new connections go to the newer of two listeners while the older is held") {
  const SharedListener older;
  const ListenerHold held(::getpid());
  REQUIRE(held.size() == 1);
  const SharedListener newer(older.port());
  std::list<OutgoingConnection> connections;
  for (int i = 0; i < k_many; ++i) {
    connections.emplace_back(older.port());
  }
  wait_until([&] { return newer.waiting() == k_many; }, k_patience, "the connections");
  CHECK(older.waiting() == 0);
}

TEST_CASE("without a hold, both listeners get connections") {
  const SharedListener older;
  const SharedListener newer(older.port());
  std::list<OutgoingConnection> connections;
  for (int i = 0; i < k_many; ++i) {
    connections.emplace_back(older.port());
  }
  wait_until([&] { return older.waiting() > 0 && newer.waiting() > 0; }, k_patience, "the connections");
}

TEST_CASE("a port changes hands time and again") {
  auto current = std::make_unique<SharedListener>();
  for (int i = 0; i < 5; ++i) {
    const ListenerHold held(::getpid());
    auto next = std::make_unique<SharedListener>(current->port());
    const OutgoingConnection connection(current->port());
    wait_until([&] { return next->waiting() == 1; }, k_patience, "the connections");
    current = std::move(next);
  }
}

TEST_CASE("connections that wait at a held listener are handed over when the hold ends") {
  let_kernel_hand_connections_over();
  auto older = std::make_unique<SharedListener>();
  auto held = std::make_unique<ListenerHold>(::getpid());
  const OutgoingConnection early(older->port());
  const SharedListener newer(older->port());
  older.reset();
  CHECK(newer.waiting() == 0);
  held.reset();
  wait_until([&] { return newer.waiting() == 1; }, k_patience, "the connections");
}

TEST_CASE("handshakes under way are waited for, as long as there is patience") {
  constexpr std::chrono::minutes k_long(10);
  const SharedListener listener(0, SharedListener::Handshake::until_data);
  const ListenerHold held(::getpid());
  const Stopwatch none;
  held.await_handshakes(k_long);
  CHECK(none.elapsed() < k_long / 2);

  const OutgoingConnection connection(listener.port());
  const Stopwatch one;
  held.await_handshakes(Milliseconds(50));
  CHECK(one.elapsed() >= Milliseconds(50));

  std::thread client([&] { connection.send("GET / HTTP/1.1\r\n"); });
  held.await_handshakes(k_long);
  client.join();
  CHECK(one.elapsed() < k_long / 2);
}

TEST_CASE("a process without listeners has none that could be held") {
  CHECK(ListenerHold(::getpid()).size() == 0);
  CHECK(ListenerHold(0).size() == 0);
  CHECK(may_hold_listeners(::getpid()));
}
