#include "model/deployment.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("statuses and steps are read back from their names") {
  for (const Status status : {Status::queued, Status::running, Status::live, Status::ready, Status::failed,
                              Status::superseded, Status::cancelled}) {
    CHECK(parse_status(to_string(status)) == status);
  }
  for (const StepName step : {StepName::checkout, StepName::build, StepName::publish, StepName::pull, StepName::start,
                              StepName::check, StepName::switch_, StepName::drain, StepName::retire}) {
    CHECK(parse_step_name(to_string(step)) == step);
  }
  for (const StepStatus status : {StepStatus::running, StepStatus::done, StepStatus::failed}) {
    CHECK(parse_step_status(to_string(status)) == status);
  }
  CHECK(to_string(StepName::switch_) == "switch");
}

TEST_CASE("names that are not known are not guessed") {
  for (const char* text : {"", "?", "Live", "running ", "switch_"}) {
    INFO(text);
    CHECK_FALSE(parse_status(text));
    CHECK_FALSE(parse_step_name(text));
    CHECK_FALSE(parse_step_status(text));
  }
}

TEST_CASE("only what is queued or running can still change, and live and ready are successes") {
  CHECK_FALSE(is_final(Status::queued));
  CHECK_FALSE(is_final(Status::running));
  for (const Status status : {Status::live, Status::ready}) {
    CHECK(is_final(status));
    CHECK(is_success(status));
  }
  for (const Status status : {Status::failed, Status::superseded, Status::cancelled}) {
    CHECK(is_final(status));
    CHECK_FALSE(is_success(status));
  }
  CHECK_FALSE(is_success(Status::running));
}

TEST_CASE("a deployment is shown where it went and before that where it is to go") {
  Deployment deployment{.destination = Destination::live()};
  CHECK(place_of(deployment) == "live");
  deployment.color = Color::green;
  CHECK(place_of(deployment) == "green");
}

TEST_CASE("the command that repeats a deployment names its commit or the release that it ran") {
  Deployment deployment{.destination = Destination::live()};
  deployment.event.app = "shop";
  deployment.event.new_commit = std::string(40, 'c');
  deployment.color = Color::green;
  CHECK(command_to_repeat(deployment) == "tealhook deploy shop --color live --rev cccccccccccc");
  deployment.from_release = true;
  deployment.release = 17;
  CHECK(command_to_repeat(deployment) == "tealhook rollback shop 17");
  deployment.is_restart = true;
  deployment.destination = Color::green;
  CHECK(command_to_repeat(deployment) == "tealhook restart shop --color green");
  deployment.is_restart = false;
  deployment.replicas = 4;
  CHECK(command_to_repeat(deployment) == "tealhook scale shop 4 --color green");
}

TEST_CASE("the command that repeats the deployment of an image names the image") {
  Deployment deployment{.destination = Destination::idle()};
  deployment.event.app = "shop";
  deployment.event.artifact = "localhost:5000/ci/shop:1.2";
  CHECK(command_to_repeat(deployment) == "tealhook deploy shop --color idle --image localhost:5000/ci/shop:1.2");
  CHECK(short_commit(deployment.event.new_commit) == "image");
}
