#include "http/stream_channel.hpp"
#include "support/catch.hpp"

#include <thread>

using namespace teal;
using namespace std::chrono_literals;
using http::StreamChannel;
using Written = http::Stream::Written;

TEST_CASE("a channel takes what fits and wakes its connection once") {
  int woken = 0;
  StreamChannel channel(10, [&] { ++woken; });
  CHECK(channel.write("12345") == Written::taken);
  CHECK(channel.write("67890") == Written::taken);
  CHECK(channel.write("x") == Written::full);
  CHECK(woken == 1);
  CHECK(channel.take().bytes == "1234567890");
  CHECK(channel.write("x") == Written::full); // it is on its way, and not there yet
  CHECK_FALSE(channel.wait_for_room(1ms));
  CHECK(channel.take().bytes.empty());
  CHECK(channel.wait_for_room(1ms));
  CHECK(channel.write(std::string(20, 'x')) == Written::taken);
  CHECK(woken == 2);
}

TEST_CASE("a channel that was ended gives what it has and then its end") {
  StreamChannel channel(10, [] {});
  CHECK(channel.write("a") == Written::taken);
  channel.end();
  CHECK(channel.write("b") == Written::closed);
  CHECK_FALSE(channel.is_open());
  const auto last = channel.take();
  CHECK(last.bytes == "a");
  CHECK(last.ended);
}

TEST_CASE("who waits for a channel or wants to be told learns that it is closed") {
  StreamChannel channel(1, [] {});
  CHECK(channel.write("a") == Written::taken);
  int told = 0;
  channel.on_close([&] { ++told; });
  bool has_room = true;
  std::thread waiter([&] { has_room = channel.wait_for_room(10s); });
  channel.close();
  waiter.join();
  CHECK_FALSE(has_room);
  CHECK(told == 1);
  channel.close();
  CHECK(told == 1);
  channel.on_close([&] { ++told; });
  CHECK(told == 2);
  CHECK(channel.write("b") == Written::closed);
}

TEST_CASE("who writes to a channel learns when its reader has taken all") {
  int drained = 0;
  StreamChannel channel(10, [] {});
  channel.on_drained([&] { ++drained; });
  CHECK(channel.write("a") == Written::taken);
  CHECK(channel.take().bytes == "a");
  CHECK(drained == 0); // it is on its way
  static_cast<void>(channel.take());
  CHECK(drained == 1);
  channel.close();
  static_cast<void>(channel.take());
  CHECK(drained == 1);
}
