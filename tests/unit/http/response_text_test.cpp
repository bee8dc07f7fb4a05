#include "core/error.hpp"
#include "http/response_text.hpp"
#include "support/catch.hpp"

using namespace teal::http;

namespace {
const std::chrono::sys_seconds k_time{std::chrono::seconds(784111777)}; // RFC 9110's own example
} // namespace

TEST_CASE("a response's head says when it was made and how long its body is") {
  CHECK(response_head({.status = 404, .headers = {{"A", "b"}}}, {.length = 3}, k_time) ==
        "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nA: b\r\nContent-Length: 3\r\n\r\n");
}

TEST_CASE("a response without a length is chunked and one of HTTP/1.0 ends with its connection") {
  CHECK_THAT(response_head({}, {}, k_time), ContainsSubstring("Transfer-Encoding: chunked\r\n"));
  const std::string old = response_head({}, {.is_http_10 = true, .keeps_alive = false}, k_time);
  CHECK_THAT(old, !ContainsSubstring("chunked") && ContainsSubstring("Connection: close\r\n"));
  CHECK_THAT(response_head({}, {.length = 0, .is_http_10 = true}, k_time),
             ContainsSubstring("Connection: keep-alive\r\n"));
  CHECK_THAT(response_head({.status = 204}, {.length = 0}, k_time), !ContainsSubstring("Content-Length"));
  CHECK(chunk_of(std::string(17, 'x')) == "11\r\n" + std::string(17, 'x') + "\r\n");
}

TEST_CASE("a header that would be two is not sent") {
  for (const Header& header : {Header{"A", "b\r\nC: d"}, Header{"A\n", "b"}, Header{"A B", "c"}, Header{"", "c"},
                               Header{"A", std::string("\0", 1)}}) {
    CHECK_THROWS_WITH(response_head({.headers = {header}}, {}, k_time), ContainsSubstring("not allowed there"));
  }
  CHECK_THROWS_WITH(response_head({.status = 1000}, {}, k_time), "cannot respond with status 1000");
}
