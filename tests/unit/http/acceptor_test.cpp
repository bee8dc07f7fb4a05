#include "http/acceptor.hpp"
#include "http/client.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"
#include "unit/http/echo_handler.hpp"
#include "unit/http/raw_client.hpp"

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("a server answers on each of its addresses with the port that was free") {
  EchoHandler handler;
  const http::Server server({.listen = {{"127.0.0.1", 0}, {"::1", 0}}}, handler);
  REQUIRE(server.addresses().size() == 2);
  for (const http::ListenAddress& address : server.addresses()) {
    http::Client client({http::Endpoint::Kind::tcp, address.host, address.port});
    CHECK(client.request({.method = "POST", .target = "/a%20b?c=d", .body = "hello"}).body == "POST /a b c=d hello");
  }
}

TEST_CASE("an address that is taken or none is told") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  const std::string port = std::to_string(port_of(server));
  CHECK_THROWS_WITH(http::Server({.listen = {{"127.0.0.1", port_of(server)}}}, handler),
                    "cannot listen on '127.0.0.1:" + port + "': address already in use");
  CHECK_THROWS_WITH(http::Server({.listen = {{"localhost", 1}}}, handler), ContainsSubstring("no numeric address"));
}

TEST_CASE("beyond its connections a server lets the idlest go and refuses where nobody is idle") {
  EchoHandler handler;
  const http::Server server(loopback({.connections = 2}), handler);
  RawClient first(port_of(server));
  RawClient second(port_of(server));
  wait_until([&] { return server.counts().connections == 2; }, 10s, "both to be there");
  RawClient third(port_of(server));
  CHECK(first.is_closed());
  second.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  third.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  handler.wait_for_held(2);
  RawClient fourth(port_of(server));
  CHECK_THAT(fourth.receive_all(), ContainsSubstring("HTTP/1.1 503 "));
  handler.release();
  CHECK_THAT(second.receive_response(), ContainsSubstring("released"));
  CHECK_THAT(third.receive_response(), ContainsSubstring("released"));
}
