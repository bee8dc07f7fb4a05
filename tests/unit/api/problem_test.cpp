#include "api/problem.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

using namespace teal;

namespace {

boost::json::object body_of(const http::ServerResponse& response) {
  return boost::json::parse(response.body).as_object();
}

} // namespace

TEST_CASE("a problem is of its type, with title, status and detail, and what else was said") {
  const auto response =
      api::Problem(404, "there is no app 'shop'").with("Retry-After", "5").about("app").with_member("id", 7).response();
  CHECK(response.status == 404);
  CHECK(response.headers.first("Content-Type") == "application/problem+json");
  CHECK(response.headers.first("Retry-After") == "5");
  CHECK(body_of(response) == boost::json::object{{"type", "about:blank"},
                                                 {"title", "Not Found"},
                                                 {"status", 404},
                                                 {"detail", "there is no app 'shop'"},
                                                 {"field", "app"},
                                                 {"id", 7}});
  CHECK(body_of(api::Problem(499, "gone").response()).at("title") == "Error");
}

TEST_CASE("an error is a problem of its kind, with what was being done") {
  const std::pair<ErrorKind, int> expected[] = {{ErrorKind::usage, 422},
                                                {ErrorKind::settings, 422},
                                                {ErrorKind::busy, 409},
                                                {ErrorKind::environment, 503},
                                                {ErrorKind::timeout, 504}};
  for (const auto& [kind, status] : expected) {
    const auto response = api::problem_of(Error(kind, "no space left")).response();
    CHECK(response.status == status);
    CHECK(body_of(response).at("detail") == "no space left");
    CHECK(body_of(response).at("kind") == boost::json::string(to_string(kind)));
  }
  try {
    while_doing("building the image", [] { throw Error(ErrorKind::environment, "no space left"); });
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(body_of(api::problem_of(error).response()).at("while") == boost::json::array{"building the image"});
  }
}

TEST_CASE("what went wrong here is kept from whoever asked") {
  const auto response = api::problem_of(Error(ErrorKind::internal, "SQL logic error")).response();
  CHECK(response.status == 500);
  CHECK_THAT(response.body, !ContainsSubstring("SQL"));
}

TEST_CASE("a refusal of the server's own becomes a problem with its headers, and a problem stays as it is") {
  http::ServerResponse refusal{.status = 429, .headers = {}, .body = R"({"error":"too many requests"})"};
  refusal.headers.add("Content-Type", "application/json");
  refusal.headers.add("Retry-After", "2");
  const auto response = api::as_problem(refusal);
  CHECK(response.status == 429);
  CHECK(response.headers.first("Content-Type") == "application/problem+json");
  CHECK(response.headers.first("Retry-After") == "2");
  CHECK(body_of(response).at("detail") == "too many requests");
  CHECK(api::as_problem(response).body == response.body);
}

TEST_CASE("what cannot be asked for as things are is a conflict, and other errors stay what they are") {
  const auto failing = [](ErrorKind kind) { return [kind] { throw Error(kind, "it is frozen"); }; };
  for (const ErrorKind kind : {ErrorKind::usage, ErrorKind::settings}) {
    try {
      api::as_conflict(failing(kind));
      FAIL("nothing was thrown");
    } catch (const api::Problem& problem) {
      CHECK(problem.response().status == 409);
      CHECK(std::string(problem.what()) == "it is frozen");
    }
  }
  CHECK_THROWS_AS(api::as_conflict(failing(ErrorKind::environment)), Error);
  CHECK(api::as_conflict([] { return 7; }) == 7);
}
