#include "deploy/recovery.hpp"
#include "support/scripted_home.hpp"

#include <stdexcept>

using namespace teal;

namespace {

class RecoveryTest : public RoutedHome {
protected:
  [[nodiscard]] Unfinished look(const Deployment& deployment) {
    const auto lock = FileLock::try_acquire(m_home.app("shop").lock());
    return recover(lock.value(), *m_services, m_store, deployment);
  }
  [[nodiscard]] std::string description() {
    return describe_running(*m_services, m_services->slot("shop", Color::blue));
  }
};

} // namespace

TEST_CASE_METHOD(RecoveryTest, "a deployment serves if its slot runs what it made and not what another made") {
  const Deployment older = begin(enqueue(Color::blue), Color::blue);
  CHECK(look(older) == Unfinished::undone);
  m_world->serve("shop", Color::blue, older.id);
  CHECK(look(older) == Unfinished::ready);
  m_world->serve("shop", Color::blue, older.id + 1);
  CHECK(look(older) == Unfinished::undone);
}

TEST_CASE_METHOD(RecoveryTest, "what has exited since does not serve") {
  const Deployment deployment = begin(enqueue(Color::blue), Color::blue);
  m_world->serve("shop", Color::blue, deployment.id);
  m_world->stop("shop", Color::blue);
  CHECK(look(deployment) == Unfinished::undone);
}

TEST_CASE_METHOD(RecoveryTest, "a deployment is live if the router says so and the store follows it") {
  const Deployment before = serve(Color::blue);
  go_live(Color::blue);
  const Deployment deployment = begin(enqueue(Destination::live()), Color::green);
  m_world->serve("shop", Color::green, deployment.id);
  CHECK(look(deployment) == Unfinished::ready);
  CHECK(m_store.traffic.live("shop").value().deployment == before.id);
  const auto stored = m_store.traffic.live("shop").value();
  go_live(Color::green);
  m_store.traffic.move(stored);
  CHECK(look(deployment) == Unfinished::live);
  CHECK(m_store.traffic.live("shop").value().deployment == deployment.id);
}

TEST_CASE_METHOD(RecoveryTest, "a slot that cannot be settled is no deployment undone") {
  const Deployment deployment = begin(enqueue(Color::blue), Color::blue);
  m_world->at("settle shop-blue", failing("no engine answers"));
  CHECK_THROWS_WITH(look(deployment), "no engine answers");
}

TEST_CASE_METHOD(RecoveryTest, "what runs is told with its commit, deployment and port, or that it cannot be told") {
  CHECK(description() == "nothing runs on blue");
  m_world->serve("shop", Color::blue, 41);
  CHECK(description() == "blue still runs bbbbbbb (deployment 41)");
  m_world->stop("shop", Color::blue);
  CHECK(description() == "nothing runs on blue");
  m_world->at("current shop-blue", failing("no engine answers"));
  CHECK_THAT(description(), ContainsSubstring("cannot be told now"));
  m_world->at("current shop-blue", [] { throw std::runtime_error("not of ours"); });
  CHECK_THAT(description(), ContainsSubstring("cannot be told now"));
}
