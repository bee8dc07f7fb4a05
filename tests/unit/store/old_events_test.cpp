#include "store/old_events.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;
using namespace std::chrono_literals;

namespace {

using Ids = std::vector<std::int64_t>;

class OldEventsFixture : public StoreFixture {
protected:
  /// What is older than an hour.
  Ids forget(std::string_view app) { return forget_old_deployments(m_database, app, m_clock.time - 1h); }
};

} // namespace

TEST_CASE_METHOD(OldEventsFixture, "what is old is forgotten some hundreds at a time, but for the newest hundred") {
  constexpr std::int64_t k_all = 500;
  for (std::int64_t i = 0; i < k_all; ++i) {
    deploy("shop", Color::blue, Status::ready);
  }
  const auto young = deploy("blog", Color::blue, Status::ready);
  CHECK(forget("shop").empty());
  m_clock.time += 2h;
  const auto forgotten = forget("shop");
  CHECK(forgotten.size() == 300);
  CHECK(forgotten.front() == 1);
  CHECK_FALSE(m_history.deployment(300));
  CHECK(m_history.of_event(300).empty());
  CHECK(m_history.deployment(301));
  CHECK(forget("shop").size() == 100);
  CHECK(forget("shop").empty());
  CHECK(m_history.deployments("shop", k_all).size() == 100);
  CHECK(m_history.deployment(young));
  CHECK(m_database.handle().execAndGet("SELECT count(*) FROM events").getInt() == 101);
}

TEST_CASE_METHOD(OldEventsFixture,
                 "what runs, is kept for a rollback or tells what a source asked for last is not forgotten") {
  const auto kept = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(kept, Color::blue));
  m_queue.add_release(kept, release_of("shop", 'a'));
  m_queue.finish(kept, Status::ready, {});
  Event of_source = event_of("shop");
  of_source.trigger = Trigger::webhook;
  of_source.who = "source:hub";
  const auto ask = [&](Status status) {
    const auto id = m_queue.enqueue(of_source, Color::blue).deployment.id;
    REQUIRE(m_queue.begin(id, Color::blue));
    m_queue.finish(id, status, {});
    return id;
  };
  const auto older_sound = ask(Status::ready);
  const auto sound = ask(Status::ready);
  const auto failed = ask(Status::failed);
  const auto last = ask(Status::failed);
  const auto running = m_queue.enqueue(event_of("shop"), Color::green).deployment.id;
  REQUIRE(m_queue.begin(running, Color::green));
  const auto tidied = deploy("shop", Color::green, Status::ready);
  m_queue.begin_step(tidied, StepName::retire);
  for (int i = 0; i < 100; ++i) {
    deploy("shop", Color::blue, Status::failed);
  }
  m_clock.time += 2h;
  CHECK(forget("shop") == Ids{older_sound, failed});
  for (const auto id : {kept, sound, last, running, tidied}) {
    CHECK(m_history.deployment(id));
  }
}
