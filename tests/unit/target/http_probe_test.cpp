#include "support/catch.hpp"
#include "target/http_probe.hpp"

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("a page's URL is asked for at its host, with its path and query") {
  const ProbeRequest plain = probe_request_of("http://localhost:3000", 2s);
  CHECK(plain.endpoint.host == "localhost");
  CHECK(plain.endpoint.port == 3000);
  CHECK(plain.target == "/");
  CHECK(plain.host == "localhost:3000");
  CHECK(plain.shown == "GET http://localhost:3000");
  const ProbeRequest secure = probe_request_of("https://shop.example.com/up?x=1", 2s);
  CHECK(secure.endpoint.kind == http::Endpoint::Kind::tls);
  CHECK(secure.endpoint.port == 443);
  CHECK(secure.target == "/up?x=1");
  CHECK(probe_request_of("http://[::1]:80?x", 2s).target == "/?x");
}

TEST_CASE("a page is asked for until it is healthy, and the last answer says why it is not") {
  int asked = 0;
  const auto third = [&] { return Probe{.healthy = ++asked >= 3, .answered = true, .answer = "GET / -> 200"}; };
  CHECK(await_healthy({.interval = 10ms, .deadline = 10s}, {}, third) == "GET / -> 200");
  CHECK(asked == 3);
  const auto never = [] { return Probe{.answer = "GET /: connection refused"}; };
  CHECK_THROWS_WITH(await_healthy({.interval = 10ms, .deadline = 30ms}, {}, never),
                    "not healthy within 30ms: GET /: connection refused");
}

TEST_CASE("what does not stay healthy is not, and who is interrupted asks no more") {
  int asked = 0;
  const auto once = [&] { return Probe{.healthy = asked++ == 0, .answered = true, .answer = "GET / -> 500"}; };
  CHECK_THROWS_WITH(await_healthy({.interval = 10ms, .deadline = 10s, .settle = 5s}, {}, once),
                    "healthy at first, but not for 5s (health.settle): GET / -> 500");
  std::stop_source cancelled;
  cancelled.request_stop();
  CHECK_THROWS_WITH(await_healthy({.interval = 10ms, .deadline = 10s}, cancelled.get_token(), once),
                    "it was cancelled");
}
