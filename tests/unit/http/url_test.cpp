#include "core/error.hpp"
#include "http/client.hpp"
#include "support/catch.hpp"

using namespace teal;
using http::Endpoint;

namespace {

void check_endpoint(const std::string& url, Endpoint::Kind kind, const std::string& host, std::uint16_t port) {
  INFO(url);
  const Endpoint endpoint = http::parse_endpoint(url);
  CHECK(endpoint.kind == kind);
  CHECK(endpoint.host == host);
  CHECK(endpoint.port == port);
}

} // namespace

TEST_CASE("an endpoint is read from a URL, with the scheme's port by default") {
  check_endpoint("unix:///var/run/docker.sock", Endpoint::Kind::unix_socket, "/var/run/docker.sock", 0);
  check_endpoint("tcp://build-host:2376", Endpoint::Kind::tcp, "build-host", 2376);
  check_endpoint("tcp://10.0.0.1", Endpoint::Kind::tcp, "10.0.0.1", 2375);
  check_endpoint("http://localhost", Endpoint::Kind::tcp, "localhost", 80);
  check_endpoint("http://localhost:8080/", Endpoint::Kind::tcp, "localhost", 8080);
  check_endpoint("https://api.github.com", Endpoint::Kind::tls, "api.github.com", 443);
  check_endpoint("http://[::1]:5000", Endpoint::Kind::tcp, "::1", 5000);
  check_endpoint("https://[fe80::2]", Endpoint::Kind::tls, "fe80::2", 443);
}

TEST_CASE("what is no endpoint is refused") {
  const std::string url =
      GENERATE(as<std::string>(), "", "localhost", "localhost:80", "ssh://host", "unix://", "unix://x", "http://",
               "http://:80", "http://h:", "http://h:0", "http://h:65536", "http://h:-1", "http://h:80x",
               "http://user@h", "http://h/path", "http://h:80/path", "http://h?q", "http://[::1", "http://[::1]80",
               "http://[]", "http://::1", "http://a b", "tcp://h//");
  INFO(url);
  CHECK_THROWS_AS(http::parse_endpoint(url), Error);
}

TEST_CASE("a refused endpoint is told in words that cannot drive a terminal") {
  CHECK_THROWS_WITH(http::parse_endpoint("http://h:\x1b[2J"),
                    "cannot use 'http://h:?[2J' as an address: its port is not a number from 1 to 65535");
}

TEST_CASE("all but unreserved characters are percent-encoded") {
  CHECK(http::percent_encode("azAZ09-._~") == "azAZ09-._~");
  CHECK(http::percent_encode("a/b c?d=%&\n") == "a%2Fb%20c%3Fd%3D%25%26%0A");
  CHECK(http::percent_encode("\xc3\xa9") == "%C3%A9");
  CHECK(http::percent_encode("").empty());
}

TEST_CASE("base64 agrees with the vectors of RFC 4648") {
  CHECK(http::base64("").empty());
  CHECK(http::base64("f") == "Zg==");
  CHECK(http::base64("fo") == "Zm8=");
  CHECK(http::base64("foo") == "Zm9v");
  CHECK(http::base64("foobar") == "Zm9vYmFy");
  CHECK(http::base64(std::string("\xff\x00\xfe", 3)) == "/wD+");
  for (const char* bytes : {"f", "fo", "foo", "foobar"}) {
    CHECK(http::decode_base64(http::base64(bytes)) == bytes);
  }
  for (const char* other : {"", "Zg", "Zg=", "Z===", "Zm9*", "Zg==Zg=="}) {
    CHECK_FALSE(http::decode_base64(other));
  }
}

TEST_CASE("a token alone has a user that forges take with any") {
  CHECK(http::basic_authorization("ada:secret") == "Basic " + http::base64("ada:secret"));
  CHECK(http::basic_authorization("secret") == "Basic " + http::base64("x-access-token:secret"));
}
