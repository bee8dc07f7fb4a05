#include "api/accepted.hpp"
#include "api/problem.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

using namespace teal;

namespace {

Deployment deployment_of(Status status) {
  Deployment deployment;
  deployment.id = 42;
  deployment.event.app = "shop";
  deployment.status = status;
  return deployment;
}

} // namespace

TEST_CASE("what was accepted is told with where it is to be looked at") {
  const auto response = api::accepted(deployment_of(Status::queued)).response;
  CHECK(response.status == 202);
  CHECK(response.headers.first("Location") == "/api/v1/deployments/42");
  CHECK(boost::json::parse(response.body).at("id") == 42);
}

TEST_CASE("what a freeze keeps is a conflict that names the deployment") {
  try {
    static_cast<void>(api::accepted(deployment_of(Status::cancelled)));
    FAIL("nothing was thrown");
  } catch (const api::Problem& problem) {
    const auto response = problem.response();
    CHECK(response.status == 409);
    CHECK(response.headers.first("Location") == "/api/v1/deployments/42");
    const auto body = boost::json::parse(response.body);
    CHECK(body.at("deployment") == 42);
    CHECK(body.at("detail") == "'shop' is frozen: deployment 42 is kept, and not deployed");
  }
}
