#include "config/app_json.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

AppJson read(const std::string& text) {
  return parse_app_json({"1a2b3c4:app.json", text});
}

AppJson with_check(const std::string& check) {
  return read("{\"healthchecks\": {\"web\": [" + check + "]}}");
}

} // namespace

TEST_CASE("a startup check of web says what is asked and how long") {
  const auto check = with_check(R"({"type": "startup", "name": "up", "path": "/up", "attempts": 4, "timeout": 2,
                                    "wait": 3, "initialDelay": 1})")
                         .web.value();
  CHECK(check.asks.kind == HealthSettings::Kind::http);
  CHECK(check.asks.path == "/up");
  CHECK(check.timeout == Milliseconds(2000));
  CHECK(check.deadline == Milliseconds(21'000));
  CHECK_FALSE(check.settle);
  CHECK(check.origin == "1a2b3c4:app.json:1");
  CHECK(with_check(R"({"path": "/", "wait": 1})").web->deadline == Milliseconds(18'000)); // attempts 3, timeout 5
  CHECK_FALSE(with_check(R"({"path": "/up"})").web->deadline);
}

TEST_CASE("a check may be a connection or a command or a time to live") {
  CHECK(with_check(R"({"listening": true})").web->asks.kind == HealthSettings::Kind::tcp);
  CHECK(with_check(R"({"command": ["bin/check", "--fast"]})").web->asks.command ==
        std::vector<std::string>{"bin/check", "--fast"});
  const auto lives = with_check(R"({"type": "startup", "uptime": 5})").web.value();
  CHECK(lives.asks.kind == HealthSettings::Kind::tcp);
  CHECK(lives.settle == Milliseconds(5000));
}

TEST_CASE("the first check that decides counts and what does not is said") {
  const AppJson app = read(R"({"healthchecks": {
	"web": [{"type": "liveness", "path": "/live"}, {"path": "/a", "content": "x"}, {"type": "startup", "path": "/b"}],
	"worker": [{"uptime": 1}]},
	"formation": {"web": {"quantity": 2, "size": "standard"}, "worker": {"quantity": 0}},
	"name": "shop \ud83d\ude80", "description": "a\/b"})");
  CHECK(app.web->asks.path == "/a");
  CHECK(app.quantities == std::map<std::string, std::int64_t>{{"web", 2}, {"worker", 0}});
  CHECK(app.ignored == std::vector<std::string>{"healthchecks.web[1]", "healthchecks.web[2].content",
                                                "healthchecks.web[3]", "healthchecks.worker", "formation.web.size"});
}

TEST_CASE("what is of the wrong kind in app.json is refused with its place") {
  CHECK_THROWS_WITH(read("[]"), ContainsSubstring("app.json:1: 'all of it' is not an object"));
  CHECK_THROWS_WITH(read("{\n\"healthchecks\": {\n\"web\": [{\n\"attempts\": \"many\"}]}}"),
                    "1a2b3c4:app.json:4: 'healthchecks.web[1].attempts' is no whole number from 1 to 1000");
  CHECK_THROWS_WITH(with_check(R"({"path": "no path"})"), ContainsSubstring("'healthchecks.web[1].path'"));
  CHECK_THROWS_WITH(with_check(R"({"command": []})"), ContainsSubstring("'healthchecks.web[1].command' is empty"));
  CHECK_THROWS_WITH(read("{\"formation\": {\"web\": {\"quantity\": -1}}}"),
                    ContainsSubstring("formation.web.quantity"));
  CHECK_THROWS_WITH(read("{\n\"a\": [1,\n"), ContainsSubstring("app.json:"));
  CHECK_FALSE(read("{\"name\": \"shop\"}").web);
}
