#include "engine/registry_address.hpp"
#include "support/catch.hpp"

using namespace teal::engine;

TEST_CASE("a registry on loopback is spoken to in the clear, any other by TLS") {
  CHECK(registry_url("localhost:5000") == "http://localhost:5000");
  CHECK(registry_url("127.0.0.1:5000") == "http://127.0.0.1:5000");
  CHECK(registry_url("127.1.2.3:5000") == "http://127.1.2.3:5000");
  CHECK(registry_url("[::1]:5000") == "http://[::1]:5000");
  CHECK(registry_url("registry.example.com") == "https://registry.example.com");
  CHECK(registry_url("10.0.0.1:5000") == "https://10.0.0.1:5000");
  CHECK(registry_url("localhost.example.com:5000") == "https://localhost.example.com:5000");
}

TEST_CASE("a path in the address belongs to the repositories' names, not to the host") {
  CHECK(registry_url("registry.example.com/team") == "https://registry.example.com");
  CHECK(path_prefix("registry.example.com/team") == "team/");
  CHECK(path_prefix("registry.example.com/group/team") == "group/team/");
  CHECK(path_prefix("localhost:5000").empty());
}

TEST_CASE("the port is the one that the address names") {
  CHECK(registry_port("localhost:5000") == 5000);
  CHECK(registry_port("[::1]:5001/team") == 5001);
  CHECK_FALSE(registry_port("registry.example.com"));
  CHECK_FALSE(registry_port("[::1]"));
  for (const char* bad : {"localhost:", "localhost:0", "localhost:65536", "localhost:http", "localhost:-1"}) {
    CHECK_FALSE(registry_port(bad));
  }
}

TEST_CASE("the next page is the Link header's target, without a host") {
  CHECK(next_page("</v2/_catalog?last=shop&n=1000>; rel=\"next\"") == "/v2/_catalog?last=shop&n=1000");
  CHECK(next_page("<https://r.example.com/v2/_catalog?last=a>; rel=\"next\"") == "/v2/_catalog?last=a");
}

TEST_CASE("anything else in the Link header leads nowhere") {
  for (const char* link : {"", "</v2/_catalog?n=1>; rel=\"prev\"", "rel=\"next\"", ">/v2/<; rel=\"next\"",
                           "<https://r.example.com>; rel=\"next\""}) {
    CHECK(next_page(link).empty());
  }
}
