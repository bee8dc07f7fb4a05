#include "serve/log.hpp"
#include "serve_fixture.hpp"

#include <boost/json/parse.hpp>

using namespace teal;

TEST_CASE_METHOD(ServeFixture, "a line is whole whatever it quotes") {
  m_log.warn("a delivery\nwas \x1b[31mrefused", {{"path", "/hook/\n"}});
  CHECK(logged() == "2023-11-14T22:13:20Z warning a delivery?was ?[31mrefused  path=/hook/?\n");
}

TEST_CASE_METHOD(ServeFixture, "as JSON each line is an object with what it quotes") {
  m_log.set_form(serve::Log::Form::json);
  m_log.error("bad \xff\nUTF-8", {{"app", "shop"}});
  const std::string line = logged();
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  const auto value = boost::json::parse(line);
  CHECK(value.at("level").as_string() == "error");
  CHECK(value.at("app").as_string() == "shop");
  CHECK(value.at("time").as_string() == "2023-11-14T22:13:20Z");
  CHECK(std::string(value.at("message").as_string()).starts_with("bad "));
}
