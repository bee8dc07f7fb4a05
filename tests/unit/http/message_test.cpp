#include "http/message.hpp"
#include "support/catch.hpp"

using namespace teal::http;

TEST_CASE("headers are found by their names in any case and duplicates are seen") {
  const HeaderList headers{{"X-One", "1"}, {"x-two", "a"}, {"X-TWO", "b"}};
  CHECK(headers.first("x-one") == "1");
  CHECK(headers.first("X-Two") == "a");
  CHECK(headers.first("X-Three").empty());
  CHECK(headers.only("x-ONE") == "1");
  CHECK_FALSE(headers.only("X-Two"));
  CHECK_FALSE(headers.only("X-Three"));
  CHECK(headers.joined("X-Two") == "a, b");
  CHECK(headers.count("X-Two") == 2);
}

TEST_CASE("escapes stand for their bytes and broken ones for nothing") {
  CHECK(percent_decode("a%2Fb%c3%A9+") == "a/b\xc3\xa9+");
  CHECK(percent_decode("").value().empty());
  for (const char* text : {"%", "a%2", "%2", "%zz", "%2z"}) {
    CHECK_FALSE(percent_decode(text));
  }
}

TEST_CASE("a parameter of a query is decoded and one that is missing is none") {
  ServerRequest request;
  request.query = "a=1&b=x%26y+z&c&a=2&=e&d=%";
  CHECK(request.parameter("a") == "1");
  CHECK(request.parameter("b") == "x&y z");
  CHECK(request.parameter("c").value().empty());
  CHECK_FALSE(request.parameter("d"));
  CHECK_FALSE(request.parameter("e"));
}

TEST_CASE("an error's reason is JSON whatever it quotes") {
  const ServerResponse response = error_response(400, "a \"b\" \\ \n \xff");
  CHECK(response.status == 400);
  CHECK(response.headers.first("content-type") == "application/json");
  CHECK(response.body == "{\"error\":\"a \\\"b\\\" \\\\ \\u000a \xef\xbf\xbd\"}\n");
}
