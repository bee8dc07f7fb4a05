#include "deploy/retry.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace teal;
using namespace std::chrono_literals;

namespace {

const Error k_away(ErrorKind::environment, "no registry answers");

/// With an engine that does not answer.
bool passes(const Error& error, const FailurePoint& point) {
  engine::Engine engine("unix:///nowhere/engine.sock");
  return may_pass(error, point, engine);
}

FailurePoint at(StepName step) {
  return {.has_begun = true, .step = step};
}

class RetryFixture {
protected:
  RetryFixture() {
    std::filesystem::create_directories(m_home.app("shop").root);
    set_deploy("{}");
  }
  void set_deploy(const std::string& deploy) const {
    write_file(m_home.app("shop").settings(),
               "colors: {blue: {port: 50101}, green: {port: 50100}}\ndeploy: " + deploy + "\n");
  }
  [[nodiscard]] std::optional<Milliseconds> pause(int retry, Trigger trigger = Trigger::push,
                                                  bool from_release = false) const {
    Deployment failed;
    failed.event.app = "shop";
    failed.event.trigger = trigger;
    failed.from_release = from_release;
    failed.retry = retry;
    return pause_before_retry(m_home, failed);
  }

  TempFolder m_folder;
  Home m_home{m_folder.path()};
};

} // namespace

TEST_CASE("what fetches, publishes or pulls, and what comes before all steps, fails for causes that may pass") {
  CHECK(passes(k_away, {}));
  for (const StepName step : {StepName::checkout, StepName::publish, StepName::pull}) {
    CHECK(passes(k_away, at(step)));
    CHECK(passes(Error(ErrorKind::timeout, "no answer within 45s"), at(step)));
  }
}

TEST_CASE("a build, a health check and settings fail for good") {
  CHECK_FALSE(passes(k_away, at(StepName::build)));
  CHECK_FALSE(passes(k_away, at(StepName::check)));
  CHECK_FALSE(passes(Error(ErrorKind::settings, "unknown key 'helth'"), {}));
  CHECK_FALSE(passes(Error(ErrorKind::usage, "no such commit"), at(StepName::checkout)));
  CHECK_FALSE(passes(Error(ErrorKind::internal, "a defect"), at(StepName::publish)));
}

TEST_CASE("a start may succeed later where the engine is away now") {
  CHECK(passes(k_away, at(StepName::start)));
  CHECK(passes(k_away, {.has_begun = true, .step = {}}));
}

TEST_CASE_METHOD(RetryFixture, "each retry waits twice as long as the one before, and only so many are made") {
  CHECK(pause(0) == 10s);
  CHECK(pause(1) == 20s);
  CHECK(pause(2) == 40s);
  CHECK_FALSE(pause(3));
  set_deploy("{retries: 20}");
  CHECK(pause(19) == 5min);
  set_deploy("{retries: 0}");
  CHECK_FALSE(pause(0));
}

TEST_CASE_METHOD(RetryFixture,
                 "what was asked for by hand, a rollback, and what has wrong settings is not tried again") {
  CHECK(pause(0, Trigger::webhook));
  CHECK_FALSE(pause(0, Trigger::cli));
  CHECK_FALSE(pause(0, Trigger::api, true));
  set_deploy("{retrys: 3}");
  CHECK_FALSE(pause(0));
}
