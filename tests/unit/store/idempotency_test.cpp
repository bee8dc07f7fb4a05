#include "core/error.hpp"
#include "store/idempotency.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

class IdempotencyFixture : public StoreFixture {
protected:
  std::int64_t ask(const std::string& key, const std::string& who = "token:ci") {
    Event event = event_of("shop");
    event.who = who;
    event.idempotency = {.key = key, .request = "fingerprint of " + key};
    return m_queue.enqueue(event, Color::blue).deployment.id;
  }

  IdempotencyKeys m_keys{m_database};
};

} // namespace

TEST_CASE_METHOD(IdempotencyFixture, "a sender's key is of the deployment that was asked for with it") {
  const std::int64_t first = ask("a");
  const std::int64_t second = ask("a", "token:other");
  const auto known = m_keys.find("token:ci", "a");
  REQUIRE(known);
  CHECK(known->deployment == first);
  CHECK(known->request == "fingerprint of a");
  CHECK(m_keys.find("token:other", "a")->deployment == second);
  CHECK_FALSE(m_keys.find("token:ci", "b"));
}

TEST_CASE_METHOD(IdempotencyFixture, "nothing is queued by a key that is there already") {
  static_cast<void>(ask("a"));
  CHECK_THROWS_AS(ask("a"), Error);
  CHECK(m_history.deployments("shop", 10).size() == 1);
}

TEST_CASE_METHOD(IdempotencyFixture, "keys are forgotten after a day and with their app") {
  static_cast<void>(ask("a"));
  m_clock.time += IdempotencyKeys::k_age + Milliseconds(1);
  static_cast<void>(ask("b"));
  CHECK_FALSE(m_keys.find("token:ci", "a"));
  CHECK(m_keys.find("token:ci", "b"));
  m_history.forget_app("shop");
  CHECK_FALSE(m_keys.find("token:ci", "b"));
}
