#include "api/headers.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("a token comes by Authorization alone and once") {
  using api::bearer_token;
  CHECK(bearer_token({{"authorization", "bearer abc"}}) == "abc");
  CHECK(bearer_token({{"Authorization", "Bearer   abc "}}) == "abc");
  CHECK_FALSE(bearer_token({{"Authorization", "Basic abc"}}));
  CHECK_FALSE(bearer_token({{"Authorization", "Bearer"}}));
  CHECK_FALSE(bearer_token({{"Cookie", "token=abc"}}));
  CHECK_FALSE(bearer_token({{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}));
}

TEST_CASE("the first type that is accepted is given") {
  constexpr std::string_view k_both = "application/json,application/yaml";
  const auto type = [&](const std::string& accept) {
    return std::string(api::acceptable_type({{"Accept", accept}}, k_both).value_or("none"));
  };
  CHECK(api::acceptable_type({}, k_both) == "application/json");
  CHECK(type("*/*") == "application/json");
  CHECK(type("application/yaml") == "application/yaml");
  CHECK(type("application/json;q=0, application/yaml") == "application/yaml");
  CHECK(type("text/html, application/*; q=0.1") == "application/json");
  CHECK(type("Application/JSON; charset=utf-8") == "application/json");
  CHECK(type("text/html") == "none");
  CHECK(type("*/*;q=0") == "none");
}

TEST_CASE("a media type is told without its parameters") {
  CHECK(api::media_type(" Application/JSON ; charset=utf-8") == "application/json");
  CHECK(api::media_type("").empty());
}
