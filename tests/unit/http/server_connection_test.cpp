#include "http/server_connection.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"
#include "unit/http/echo_handler.hpp"
#include "unit/http/raw_client.hpp"

#include <future>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("requests that come in one piece are answered in their order on one connection") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  RawClient client(port_of(server));
  std::string requests;
  for (int i = 0; i < 2000; ++i) {
    requests += "GET /" +
                std::string(i % 3 == 0   ? "none"
                            : i % 3 == 1 ? "loop"
                                         : "x") +
                "?" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  std::thread sender([&] { client.send(requests); });
  bool in_order = true;
  for (int i = 0; i < 2000; ++i) {
    const std::string response = client.receive_response();
    in_order = in_order && (i % 3 == 0 ? response.starts_with("HTTP/1.1 404")
                                       : response.find(" " + std::to_string(i) + " ") != std::string::npos);
  }
  sender.join();
  CHECK(in_order);
  wait_until([&] { return server.counts().answered == 2000; }, 10s, "all to be counted");
  CHECK(server.counts().connections == 1);
}

TEST_CASE("a request may come byte by byte") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  RawClient client(port_of(server));
  for (const char byte : std::string("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n")) {
    client.send({&byte, 1});
  }
  CHECK_THAT(client.receive_response(), ContainsSubstring("POST /x  abcde"));
}

TEST_CASE("a head without a body is answered to HEAD and a connection of HTTP/1.0 is closed") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  RawClient client(port_of(server));
  client.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /x HTTP/1.0\r\n\r\n");
  CHECK_THAT(client.receive_until("\r\n\r\n"), ContainsSubstring("Content-Length: 9\r\n"));
  CHECK_THAT(client.receive_all(), ContainsSubstring("Connection: close\r\n") && ContainsSubstring("GET /x"));
}

TEST_CASE("what cannot be served is refused with a reason before its body is read") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  const auto refusal = [&](const std::string& request) { return ask(port_of(server), request); };
  CHECK_THAT(refusal("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n"),
             ContainsSubstring("HTTP/1.1 413 ") && ContainsSubstring("the body is larger than 1000 B"));
  CHECK_THAT(
      refusal("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x')),
      ContainsSubstring("HTTP/1.1 413 "));
  CHECK_THAT(refusal("POST /none HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"),
             ContainsSubstring("HTTP/1.1 404 "));
  CHECK_THAT(refusal("BREW /x HTTP/1.1\r\nHost: h\r\n\r\n"),
             ContainsSubstring("HTTP/1.1 405 ") && ContainsSubstring("Allow: GET, "));
  CHECK_THAT(refusal(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 garbage\r\n\r\n", 23)),
             ContainsSubstring("HTTP/1.1 400 ") && ContainsSubstring("\"error\":\"no valid HTTP/1.1 request: "));
  CHECK_THAT(refusal("GET /x HTTP/1.1\r\nHost: h\r\nA: " + std::string(20'000, 'a')),
             ContainsSubstring("HTTP/1.1 431 ") && ContainsSubstring("longer than 16.0 KiB"));
}

TEST_CASE("who sends a body that is refused still gets to read why") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  RawClient client(port_of(server));
  client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3'000'000, 'x'));
  CHECK_THAT(client.receive_response(), ContainsSubstring("HTTP/1.1 413 "));
}

TEST_CASE("a client that waits to be asked for its body is asked unless it is too large") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  RawClient client(port_of(server));
  client.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  CHECK(client.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  CHECK_THAT(client.receive_response(), ContainsSubstring("POST /x  abc"));
  client.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3000\r\n\r\n");
  CHECK_THAT(client.receive_response(), ContainsSubstring("HTTP/1.1 413 "));
}

TEST_CASE("slow senders of heads and bodies are cut off with 408 and idle ones without a word") {
  EchoHandler handler;
  const http::Server server(loopback({.head_time = 100ms, .progress_time = 100ms, .idle_time = 300ms}), handler);
  RawClient head(port_of(server));
  head.send("GET /x HT");
  RawClient body(port_of(server));
  body.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  RawClient idle(port_of(server));
  CHECK_THAT(head.receive_all(), ContainsSubstring("HTTP/1.1 408 ") && ContainsSubstring("head of the request"));
  CHECK_THAT(body.receive_all(), ContainsSubstring("HTTP/1.1 408 ") && ContainsSubstring("comes too slowly"));
  CHECK(idle.is_closed());
  wait_until([&] { return server.counts().connections == 0; }, 10s, "the connections to be gone");
}

TEST_CASE("a large body has time as long as it goes on") {
  EchoHandler handler;
  const http::Server server(loopback({.progress_time = 2s, .progress_bytes = 100'000}), handler);
  RawClient client(port_of(server));
  client.send("POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: 25000000\r\n\r\n");
  client.send(std::string(25'000'000, 'x'));
  CHECK_THAT(client.receive_response(), ContainsSubstring("25000000 bytes"));
}

TEST_CASE("a stream reaches its reader as it is written and ends when it is closed") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  RawClient client(port_of(server));
  client.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  http::Stream stream = handler.stream();
  CHECK_THAT(client.receive_until("\r\n\r\n"),
             ContainsSubstring("Transfer-Encoding: chunked") && ContainsSubstring("text/event-stream"));
  CHECK(stream.write("data: 1\n\n") == http::Stream::Written::taken);
  CHECK(client.receive_until("1\n\n\r\n") == "9\r\ndata: 1\n\n\r\n");
  CHECK(server.counts().streams == 1);
  CHECK(server.counts().requests == 0);
  stream.close();
  CHECK(client.receive_all() == "0\r\n\r\n");
  CHECK(stream.write("more") == http::Stream::Written::closed);
  CHECK(server.counts().streams == 0);
}

TEST_CASE("a stream's writer learns that its reader is gone") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  RawClient client(port_of(server));
  client.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  http::Stream stream = handler.stream();
  client.receive_until("\r\n\r\n");
  std::promise<void> gone;
  stream.on_close([&] { gone.set_value(); });
  client.hang_up();
  CHECK(gone.get_future().wait_for(10s) == std::future_status::ready);
  CHECK_FALSE(stream.is_open());
  CHECK(stream.write("x") == http::Stream::Written::closed);
}

TEST_CASE("a stream's slow reader costs bounded memory and gets all that was taken") {
  EchoHandler handler;
  const http::Server server(loopback(), handler);
  RawClient client(port_of(server), 4096);
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  http::Stream stream = handler.stream();
  const std::string piece(10'000, 'x');
  std::size_t taken = 0;
  do { // until neither the kernel nor the server takes more
    while (stream.write(piece) == http::Stream::Written::taken) {
      taken += piece.size();
      REQUIRE(taken < 50'000'000);
    }
  } while (stream.wait_for_room(200ms));
  CHECK(stream.is_open());
  CHECK_THAT(ask(port_of(server), k_get), ContainsSubstring("HTTP/1.1 200 "));
  std::future<std::string> all = std::async(std::launch::async, [&] { return client.receive_all(); });
  CHECK(stream.wait_for_room(10s));
  stream.close();
  const std::string text = all.get();
  CHECK(text.size() - text.find("\r\n\r\n") - 4 == taken);
}

TEST_CASE("a stream whose reader reads nothing is cut off") {
  EchoHandler handler;
  const http::Server server(loopback({.progress_time = 100ms}), handler);
  RawClient client(port_of(server), 4096);
  client.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  http::Stream stream = handler.stream();
  const std::string piece(100'000, 'x');
  wait_until([&] { return stream.write(piece) == http::Stream::Written::closed; }, 10s, "the stream to be closed");
}
