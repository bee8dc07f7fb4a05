#include "http/request_reader.hpp"
#include "support/catch.hpp"

using namespace teal::http;
using State = RequestReader::State;

namespace {

struct Outcome {
  State state = State::head;
  ServerRequest request;
  int status = 0;
  std::string rest;
};

/// In pieces of `size` bytes, the rest of each before the next.
Outcome read(const std::string& text, std::size_t size = std::string::npos, std::size_t body_limit = 100) {
  RequestReader reader(1000);
  Outcome outcome;
  for (std::size_t at = 0; at < text.size(); at += std::min(size, text.size() - at)) {
    outcome.rest += text.substr(at, size);
    std::size_t taken = 0;
    do {
      if (reader.state() == State::admission) {
        reader.admit(body_limit);
      }
      taken = reader.feed(outcome.rest);
      outcome.rest.erase(0, taken);
    } while (taken != 0 || reader.state() == State::admission);
  }
  outcome.state = reader.state();
  outcome.request = reader.request();
  outcome.status = reader.refusal().status;
  return outcome;
}

int refusal(const std::string& text) {
  const Outcome outcome = read(text);
  return outcome.state == State::refused ? outcome.status : 0;
}

const std::string k_post = "POST /a%20b?c=%20 HTTP/1.1\r\nHost: h\r\n";

} // namespace

TEST_CASE("a request is the same however its bytes are cut") {
  const std::string plain = k_post + "Content-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhelloGET";
  const std::string chunked = k_post + "Transfer-Encoding: chunked\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
                                       "2\r\nhe\r\n3;e=\"x\"\r\nllo\r\n0\r\nX-A: trailer\r\n\r\nGET";
  for (const std::string& text : {plain, chunked}) {
    for (std::size_t size = 1; size < 40; ++size) {
      const Outcome outcome = read(text, size);
      REQUIRE(outcome.state == State::complete);
      REQUIRE(outcome.request.method == "POST");
      REQUIRE(outcome.request.target == "/a%20b?c=%20");
      REQUIRE(outcome.request.path == "/a b");
      REQUIRE(outcome.request.query == "c=%20");
      REQUIRE(outcome.request.body == "hello");
      REQUIRE(outcome.request.headers.joined("X-A") == "1, 2");
      REQUIRE(outcome.rest == "GET");
    }
  }
}

TEST_CASE("what two readers could read differently is refused") {
  CHECK(refusal(k_post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Transfer-Encoding: gzip\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Transfer-Encoding: gzip, chunked\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Content-Length: +5\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Host: other\r\n\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1\nHost: h\n\n") == 400);
  CHECK(refusal("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Bad Header: x\r\n\r\n") == 400);
  CHECK(refusal(k_post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n") == 400);
  CHECK(refusal(k_post + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n") == 400);
}

TEST_CASE("encodings and expectations and methods that nobody here knows are refused") {
  CHECK(refusal(k_post + "Content-Encoding: gzip\r\n\r\n") == 415);
  CHECK(refusal(k_post + "Content-Encoding: identity\r\n\r\n") == 0);
  CHECK(refusal(k_post + "Expect: tea\r\n\r\n") == 417);
  CHECK(refusal("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n") == 405);
  CHECK(refusal("TRACE / HTTP/1.1\r\nHost: h\r\n\r\n") == 405);
}

TEST_CASE("too much is refused before it is kept") {
  CHECK(refusal(k_post + "Content-Length: 101\r\n\r\n") == 413);
  CHECK(refusal(k_post + "Content-Length: 99999999999999999\r\n\r\n") == 413);
  CHECK(refusal(k_post + "Transfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'x')) == 413);
  CHECK(refusal(k_post + "X: " + std::string(1000, 'x')) == 431);
  CHECK(refusal("GET /" + std::string(1000, 'x')) == 431);
  CHECK(refusal(k_post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(1100, 'x')) == 431);
  CHECK(refusal(k_post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(1100, 'x')) == 431);
}

TEST_CASE("a target is a path or is refused") {
  const auto path = [](const std::string& target) {
    return read("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n").request.path;
  };
  CHECK(path("/") == "/");
  CHECK(path("http://h/x?y") == "/x");
  CHECK(path("HTTP://h") == "/");
  CHECK(read("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").request.path == "*");
  for (const char* target : {"x", "*", "/%", "/%0a", "/%00", "/%7f", "ftp://h/x"}) {
    CHECK(refusal(std::string("GET ") + target + " HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
  }
}

TEST_CASE("a connection is kept as the version and the client want it") {
  const auto keeps = [](const std::string& head) {
    RequestReader reader(1000);
    reader.feed(head);
    return reader.keeps_alive();
  };
  CHECK(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  CHECK_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  CHECK(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_CASE("no broken request is more than a refusal") {
  const std::string text = k_post + "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n2\r\nhe\r\n0\r\n\r\n";
  std::size_t refused = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char byte : {'\0', '\r', '\n', ' ', ':', '0', '\xff'}) {
      std::string changed = text;
      changed[at] = byte;
      const Outcome outcome = read(changed, 7);
      refused += outcome.state == State::refused ? 1 : 0;
    }
  }
  CHECK(refused > text.size());
}
