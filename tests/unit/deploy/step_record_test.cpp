#include "deploy/step_record.hpp"
#include "support/scripted_home.hpp"

using namespace teal;

namespace {

class StepRecordTest : public ScriptedHome {
protected:
  void record(const std::function<std::string()>& work) {
    record_step(m_store, m_log, m_deployment.id, StepName::build, work);
  }
  /// As if somebody had ended the step already, so that it cannot be.
  void end_beforehand() {
    m_store.queue.end_step(m_deployment.id, StepName::build, StepStatus::done, Milliseconds(1), "");
  }
  [[nodiscard]] std::vector<std::string> steps() const { return steps_of(m_deployment.id); }
  [[nodiscard]] std::string log() const { return log_of(m_deployment.id); }

  Deployment m_deployment = begin(enqueue(Color::blue), Color::blue);
  DeploymentLog m_log{m_home.app("shop").log(m_deployment.id)};
};

} // namespace

TEST_CASE_METHOD(StepRecordTest, "a step is stored while it runs, and with its fact once it is done") {
  record([&] {
    CHECK(steps() == std::vector<std::string>{"build running"});
    return "2 of 3 layers cached";
  });
  CHECK(steps() == std::vector<std::string>{"build done"});
  CHECK(stored(m_deployment.id).steps.front().fact == "2 of 3 layers cached");
  CHECK_THAT(log(), ContainsSubstring("build ") && ContainsSubstring("2 of 3 layers cached"));
}

TEST_CASE_METHOD(StepRecordTest, "a step whose work throws has failed, and what it threw goes on up") {
  CHECK_THROWS_WITH(record([]() -> std::string { throw Error(ErrorKind::environment, "no space left"); }),
                    "no space left");
  CHECK(steps() == std::vector<std::string>{"build failed"});
}

TEST_CASE_METHOD(StepRecordTest, "a step that cannot be ended as failed does not hide why it failed") {
  CHECK_THROWS_WITH(record([&]() -> std::string {
                      end_beforehand();
                      throw Error(ErrorKind::environment, "no space left");
                    }),
                    "no space left");
  CHECK_THAT(log(), ContainsSubstring("warning: ") && ContainsSubstring("build"));
}

TEST_CASE_METHOD(StepRecordTest, "a step that is done and cannot be stored as that has failed") {
  CHECK_THROWS_AS(record([&] {
                    end_beforehand();
                    return std::string("done");
                  }),
                  Error);
}
