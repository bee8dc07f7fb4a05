#include "http/server.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/https.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"
#include "unit/http/echo_handler.hpp"
#include "unit/http/raw_client.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <string>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

namespace {

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

TEST_CASE("a server without connections wakes up for nothing") {
  EchoHandler handler;
  std::thread([] {}).join(); // with the first one the thread sanitizer starts one of its own
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
