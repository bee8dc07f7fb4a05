#include "api/body.hpp"
#include "api/problem.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace teal;

namespace {

http::ServerRequest with(const std::string& body) {
  http::ServerRequest request;
  request.body = body;
  return request;
}

/// The status of its refusal, or 0.
template <class Work>
int refused(Work&& work) {
  try {
    work();
    return 0;
  } catch (const api::Problem& problem) {
    return problem.response().status;
  }
}

int refused_body(const std::string& body) {
  return refused([&] { static_cast<void>(api::parse_object(with(body))); });
}

} // namespace

TEST_CASE("a body is an object of JSON in UTF-8, and not deep") {
  CHECK(refused_body("") == 0);
  CHECK(refused_body(" {\"a\":1} ") == 0);
  CHECK(refused_body("{") == 400);
  CHECK(refused_body("{\"a\":1} x") == 400);
  CHECK(refused_body("{\"a\":\"\xff\"}") == 400);
  CHECK(refused_body("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}") == 400);
  CHECK(refused_body("{\"a\":NaN}") == 400);
  CHECK(refused_body("[]") == 422);
  CHECK(refused_body("null") == 422);
}

TEST_CASE("each field has its type and what nobody takes is refused by name") {
  api::Body body(with(R"({"t":"x","f":true,"p":80,"n":null,"more":1})"));
  CHECK(body.text("t") == "x");
  CHECK(body.flag("f") == true);
  CHECK(body.port("p") == 80);
  CHECK_FALSE(body.text("n"));
  CHECK_FALSE(body.text("missing"));
  CHECK(refused([&] { static_cast<void>(body.required_text("missing")); }) == 422);
  try {
    body.require_no_more();
    FAIL("there was more");
  } catch (const api::Problem& problem) {
    const auto said = boost::json::parse(problem.response().body);
    CHECK(said.at("field") == "more");
    CHECK_THAT(problem.what(), ContainsSubstring("'more'"));
  }
  for (const char* wrong : {R"({"x":1})", R"({"x":{}})", R"({"x":[]})"}) {
    CHECK(refused([&] { static_cast<void>(api::Body(with(wrong)).text("x")); }) == 422);
    CHECK(refused([&] { static_cast<void>(api::Body(with(wrong)).flag("x")); }) == 422);
  }
  for (const char* no_port : {R"({"x":0})", R"({"x":65536})", R"({"x":8.5})", R"({"x":"80"})", R"({"x":1e30})"}) {
    CHECK(refused([&] { static_cast<void>(api::Body(with(no_port)).port("x")); }) == 422);
  }
}

TEST_CASE("what is wrong here is not told in its words and what is wrong there is") {
  const auto said = [](const Error& error) { return api::problem_of(error).response(); };
  CHECK(said({ErrorKind::internal, "a path"}).status == 500);
  CHECK_THAT(said({ErrorKind::internal, "a path"}).body, !ContainsSubstring("a path"));
  CHECK(said({ErrorKind::usage, "no commit 'x'"}).status == 422);
  CHECK(said({ErrorKind::busy, "x"}).status == 409);
  CHECK(said({ErrorKind::timeout, "x"}).status == 504);
  Error error(ErrorKind::environment, "no engine");
  error.add_context("asking it");
  const auto problem = boost::json::parse(said(error).body);
  CHECK(problem.at("detail") == "no engine");
  CHECK(problem.at("title") == "Service Unavailable");
  CHECK(problem.at("kind") == "environment");
  CHECK(problem.at("while").at(0) == "asking it");
  CHECK(refused([] { api::as_conflict([] { throw Error(ErrorKind::usage, "x"); }); }) == 409);
}

TEST_CASE("a refusal of the server's own becomes a problem with its headers") {
  http::ServerResponse refusal = http::error_response(503, "too \"many\"");
  refusal.headers.add("Retry-After", "1");
  const http::ServerResponse problem = api::as_problem(refusal);
  CHECK(problem.status == 503);
  CHECK(problem.headers.first("Retry-After") == "1");
  CHECK(problem.headers.only("Content-Type") == "application/problem+json");
  CHECK(boost::json::parse(problem.body).at("detail") == "too \"many\"");
  CHECK(api::as_problem(problem).body == problem.body);
}
