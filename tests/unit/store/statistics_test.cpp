#include "store/statistics.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE_METHOD(StoreFixture, "deployments are counted by their outcome, once each") {
  Statistics statistics;
  CHECK(statistics.totals(m_database).outcomes.empty());
  deploy("shop", Color::blue, Status::ready);
  deploy("shop", Color::blue, Status::failed);
  CHECK(statistics.totals(m_database).outcomes == std::map<std::string, std::uint64_t>{{"failed", 1}, {"ready", 1}});
  const auto waiting = m_queue.enqueue(event_of("blog"), Color::blue).deployment.id;
  deploy("shop", Color::green, Status::ready); // while an older one waits
  for (int i = 0; i < 2; ++i) {
    CHECK(statistics.totals(m_database).outcomes == std::map<std::string, std::uint64_t>{{"failed", 1}, {"ready", 2}});
  }
  CHECK(Statistics::pending(m_database).queued == 1);
  REQUIRE(m_queue.begin(waiting, Color::blue));
  CHECK(Statistics::pending(m_database).running == 1);
  m_queue.finish(waiting, Status::live, {});
  const auto totals = statistics.totals(m_database);
  CHECK(totals.outcomes == std::map<std::string, std::uint64_t>{{"failed", 1}, {"live", 1}, {"ready", 2}});
  CHECK(Statistics::pending(m_database).running == 0);
}

TEST_CASE_METHOD(StoreFixture, "the steps of what is over are counted by how long they took") {
  Statistics statistics;
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(id, Color::blue));
  for (const auto milliseconds : {50, 700}) {
    m_queue.begin_step(id, milliseconds == 50 ? StepName::checkout : StepName::build);
    m_queue.end_step(id, milliseconds == 50 ? StepName::checkout : StepName::build, StepStatus::done,
                     Milliseconds(milliseconds), "");
  }
  CHECK(statistics.totals(m_database).steps.empty());
  m_queue.finish(id, Status::ready, {});
  const auto totals = statistics.totals(m_database);
  CHECK(totals.steps.at("checkout").up_to[0] == 1);
  CHECK(totals.steps.at("build").up_to[1] == 0);
  CHECK(totals.steps.at("build").up_to[2] == 1);
  CHECK(totals.steps.at("build").count == 1);
  CHECK(totals.steps.at("build").milliseconds == 700);
}
