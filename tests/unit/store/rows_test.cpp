#include "store/rows.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

TEST_CASE_METHOD(StoreFixture, "a row that was edited by hand into nonsense is said, not guessed at") {
  const auto id = m_queue.enqueue(event_of("shop"), {Color::blue}).deployment.id;
  m_queue.begin_step(id, StepName::build);
  m_database.handle().exec("UPDATE steps SET name = 'sing'");
  CHECK_THROWS_WITH(m_history.deployment(id), "cannot read state.db: it says 'sing', which means nothing");
}
