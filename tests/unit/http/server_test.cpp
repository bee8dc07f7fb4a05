#include "core/error.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/https.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"
#include "unit/http/echo_handler.hpp"
#include "unit/http/raw_client.hpp"

#include <sys/resource.h>

#include <filesystem>
#include <future>
#include <set>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

namespace {

const std::string k_get = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

std::string ask(std::uint16_t port, const std::string& request) {
  RawClient client(port);
  client.send(request);
  return client.receive_response();
}

std::set<std::string> threads() {
  std::set<std::string> names;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    names.insert(thread.path().filename());
  }
  return names;
}

/// How often these threads woke up: each time they had gone to sleep before.
long wakeups(const std::set<std::string>& of) {
  long count = 0;
  for (const std::string& thread : of) {
    std::ifstream status("/proc/self/task/" + thread + "/status");
    for (std::string word; status >> word;) {
      if (word == "voluntary_ctxt_switches:") {
        long switches = 0;
        status >> switches;
        count += switches;
      }
    }
  }
  return count;
}

} // namespace

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

TEST_CASE("a client that waits to be asked for its body is asked, unless it is too large") {
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

TEST_CASE("a server without connections wakes up for nothing") {
  EchoHandler handler;
  const std::set<std::string> before = threads();
  const http::Server server(loopback({.idle_time = 50ms}), handler);
  std::set<std::string> its_own;
  for (const std::string& thread : threads()) {
    if (!before.contains(thread)) {
      its_own.insert(thread);
    }
  }
  REQUIRE(its_own.size() == 5);
  { CHECK_THAT(ask(port_of(server), k_get), ContainsSubstring("HTTP/1.1 200 ")); }
  wait_until([&] { return server.counts().connections == 0; }, 10s, "the connection to be gone");
  const long at_first = wakeups(its_own);
  std::promise<void> never;
  never.get_future().wait_for(500ms);      // ten times any time that it could be waiting for
  CHECK(wakeups(its_own) - at_first <= 2); // going to sleep after that connection
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

TEST_CASE("a stop finishes what is under way and ends streams and idle connections") {
  EchoHandler handler;
  http::Server server(loopback(), handler);
  RawClient idle(port_of(server));
  RawClient busy(port_of(server));
  RawClient reader(port_of(server));
  busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  reader.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  handler.wait_for_held(1);
  const http::Stream stream = handler.stream();
  std::future<bool> stopped = std::async(std::launch::async, [&] { return server.stop(10s); });
  CHECK(idle.is_closed());
  CHECK(reader.receive_all().ends_with("0\r\n\r\n"));
  CHECK_THROWS(RawClient(port_of(server)));
  handler.release();
  CHECK_THAT(busy.receive_all(), ContainsSubstring("Connection: close") && ContainsSubstring("released"));
  CHECK(stopped.get());
}

TEST_CASE("a stop waits for its deadline only and what answers later answers nobody") {
  EchoHandler handler;
  http::Server server(loopback(), handler);
  RawClient busy(port_of(server));
  busy.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  RawClient reader(port_of(server));
  reader.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  http::Stream stream = handler.stream();
  handler.wait_for_held(1);
  CHECK_FALSE(server.stop(50ms));
  CHECK(busy.is_closed());
  CHECK(stream.write("x") == http::Stream::Written::closed);
  handler.release();
}

TEST_CASE("a stop serves what the kernel has accepted already") {
  EchoHandler handler;
  http::Server server(loopback(), handler);
  std::vector<RawClient> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back(port_of(server));
    clients.back().send(k_get);
  }
  CHECK(server.stop(10s));
  for (RawClient& client : clients) {
    CHECK_THAT(client.receive_all(), ContainsSubstring("HTTP/1.1 200 "));
  }
}

TEST_CASE("a server of TLS answers with the certificate that its files have now") {
  const TempFolder folder;
  EchoHandler handler;
  const TestCertificate first = make_certificate(folder.path(), "shop.test");
  const TestCertificate second = make_certificate(folder.path() / "", "other.test");
  std::promise<std::string> told;
  http::ServerSettings settings = loopback();
  settings.tls = http::TlsFiles{folder.path() / "c.pem", folder.path() / "k.pem"};
  settings.report = [&](const std::string& text) { told.set_value(text); };
  std::filesystem::copy(first.certificate, folder.path() / "c.pem");
  std::filesystem::copy(first.key, folder.path() / "k.pem");
  http::Server server(settings, handler);
  CHECK(https_get("shop.test", port_of(server), first.certificate) == "GET /  ");
  const auto replace = [](const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::copy_file(from, to.string() + ".new");
    std::filesystem::rename(to.string() + ".new", to);
  };
  replace(second.certificate, folder.path() / "c.pem");
  CHECK(https_get("shop.test", port_of(server), first.certificate) == "GET /  ");
  CHECK_THAT(told.get_future().get(), ContainsSubstring("kept: the key is not that of the certificate"));
  CHECK_THROWS_WITH(server.reload_certificate(), ContainsSubstring("the key is not that of the certificate"));
  replace(second.key, folder.path() / "k.pem");
  CHECK(https_get("other.test", port_of(server), second.certificate) == "GET /  ");
}

TEST_CASE("many connections by TLS at once get large answers and slow handshakes are cut off") {
  const TempFolder folder;
  EchoHandler handler;
  const TestCertificate certificate = make_certificate(folder.path(), "shop.test");
  http::ServerSettings settings = loopback({.head_time = 300ms});
  settings.tls = http::TlsFiles{certificate.certificate, certificate.key};
  const http::Server server(settings, handler);
  RawClient silent(port_of(server));
  silent.send("\x16\x03\x01");
  std::vector<std::future<std::string>> pages;
  for (int i = 0; i < 8; ++i) {
    pages.push_back(std::async(std::launch::async, [&] {
      return https_get("shop.test", port_of(server), certificate.certificate, "/x?" + std::string(4000, 'q'));
    }));
  }
  for (auto& page : pages) {
    CHECK(page.get().size() == 4000 + std::string("GET /x  ").size());
  }
  CHECK(silent.is_closed());
  RawClient plain(port_of(server));
  plain.send(k_get);
  CHECK_THAT(plain.receive_all(), !ContainsSubstring("HTTP/1.1"));
}
