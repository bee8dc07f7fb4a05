#include "http/transport.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>

using namespace teal;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using Wait = http::Progress::Wait;

namespace {

/// The two ends of a connection.
struct Pair {
  Pair() {
    client.connect(acceptor.local_endpoint());
    acceptor.accept(server);
  }
  boost::asio::io_context io;
  tcp::acceptor acceptor{io, {boost::asio::ip::address_v4::loopback(), 0}};
  tcp::socket client{io};
  tcp::socket server{io};
};

} // namespace

TEST_CASE("a plain transport says what came and what to wait for and when it is over") {
  Pair pair;
  http::Transport transport(std::move(pair.server), nullptr);
  std::array<char, 16> into{};
  CHECK(transport.read(into).wait == Wait::read);
  boost::asio::write(pair.client, boost::asio::buffer("abc", 3));
  http::Progress got;
  wait_until([&] { return (got = transport.read(into)).bytes != 0; }, 10s, "the bytes");
  CHECK(std::string_view(into.data(), got.bytes) == "abc");
  CHECK(transport.is_established());
  CHECK_FALSE(transport.has_buffered());
  CHECK_FALSE(transport.is_tls());
  pair.client.close();
  wait_until([&] { return transport.read(into).ended; }, 10s, "the end");
}

TEST_CASE("a plain transport writes two texts as one and waits where nobody reads") {
  Pair pair;
  http::Transport transport(std::move(pair.server), nullptr);
  CHECK(transport.write("ab", "cde").bytes == 5);
  std::array<char, 5> read{};
  boost::asio::read(pair.client, boost::asio::buffer(read));
  CHECK(std::string_view(read.data(), 5) == "abcde");
  const std::string much(1'000'000, 'x');
  http::Progress put;
  while ((put = transport.write(much, {})).wait == Wait::none) {
    REQUIRE_FALSE(put.ended);
  }
  CHECK(put.wait == Wait::write);
  transport.end_sending();
  CHECK(transport.write("x", {}).ended);
}
