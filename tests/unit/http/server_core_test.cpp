#include "http/server_core.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"
#include "unit/http/echo_handler.hpp"
#include "unit/http/raw_client.hpp"

#include <sys/resource.h>

#include <future>

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("a handler that fails or forgets to answer is a 500 without its words") {
  EchoHandler handler;
  std::promise<std::string> told;
  auto settings = loopback();
  settings.report = [&](const std::string& text) { told.set_value(text); };
  const http::Server server(settings, handler);
  const std::string failed = ask(port_of(server), "GET /throw HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK_THAT(failed, ContainsSubstring("HTTP/1.1 500 ") && !ContainsSubstring("1234"));
  CHECK(told.get_future().get() == "GET /throw failed: the secret is 1234");
  CHECK_THAT(ask(port_of(server), "GET /drop HTTP/1.1\r\nHost: h\r\n\r\n"), ContainsSubstring("HTTP/1.1 500 "));
  CHECK_THAT(ask(port_of(server), k_get), ContainsSubstring("HTTP/1.1 200 "));
}

TEST_CASE("beyond its requests a server says so and takes them again later") {
  EchoHandler handler;
  const http::Server server(loopback({.requests = 1}), handler);
  RawClient first(port_of(server));
  first.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  handler.wait_for_held(1);
  CHECK_THAT(ask(port_of(server), k_get), ContainsSubstring("HTTP/1.1 503 ") && ContainsSubstring("Retry-After: 1"));
  handler.release();
  CHECK_THAT(first.receive_response(), ContainsSubstring("released"));
  CHECK_THAT(ask(port_of(server), k_get), ContainsSubstring("HTTP/1.1 200 "));
}

TEST_CASE("where too much is being received the largest goes and small requests are served") {
  EchoHandler handler;
  const http::Server server(loopback({.received = 1'000'000}), handler);
  RawClient large(port_of(server));
  large.send("POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n");
  large.send(std::string(1'100'000, 'x'));
  CHECK_THAT(large.receive_response(), ContainsSubstring("HTTP/1.1 503 "));
  CHECK_THAT(ask(port_of(server), k_get), ContainsSubstring("HTTP/1.1 200 "));
}

TEST_CASE("five thousand connections that say nothing or little do not hurt another") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 11'000) {
    SKIP_TEST("fewer than 11000 descriptors");
  }
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  std::vector<RawClient> clients;
  for (int i = 0; i < 5000; ++i) {
    clients.emplace_back(port_of(server));
    if (i % 2 == 0) {
      clients.back().send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nab");
    }
  }
  wait_until([&] { return server.counts().connections == 5000; }, 20s, "all to be accepted");
  RawClient other(port_of(server));
  for (int i = 0; i < 1000; ++i) {
    other.send(k_get);
    REQUIRE(other.receive_response().starts_with("HTTP/1.1 200"));
  }
}
