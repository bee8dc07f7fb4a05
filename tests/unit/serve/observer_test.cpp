#include "observe_fixture.hpp"
#include "serve/observer.hpp"

using namespace teal;

namespace {

constexpr std::chrono::seconds k_patience(30);

class ObserverFixture : public ObserveFixture {
protected:
  std::unique_ptr<serve::Observer> start(bool registers = false) {
    auto observer = std::make_unique<serve::Observer>(
        serve::Observer::Place{m_home, environment(), m_clock, m_log, [](const std::string&) {}, registers});
    observer->start();
    return observer;
  }
  void await_log(const std::string& words) const {
    wait_until([&] { return logged().find(words) != std::string::npos; }, k_patience, words + ", of:\n" + logged());
  }
  std::int64_t ask() {
    Event event = event_of("shop");
    event.who = "source:github";
    return m_store.queue.enqueue(event, Color::blue).deployment.id;
  }
};

} // namespace

TEST_CASE_METHOD(ObserverFixture, "webhooks are there while it runs, and no longer") {
  static_cast<void>(serve::configure(m_home, wish(), options(), m_clock));
  const auto observer = start(true);
  await_log("the webhook at 'ada/shop' is created");
  CHECK(m_forge.hooks().size() == 1);
  observer->end();
  CHECK(m_forge.hooks().empty());
  await_log("the webhook at 'ada/shop' is removed");
}

TEST_CASE_METHOD(ObserverFixture, "without being told to, it registers and removes nothing") {
  static_cast<void>(observe(wish()));
  start().reset();
  CHECK(m_forge.hooks().size() == 1);
}

TEST_CASE_METHOD(ObserverFixture, "what another process stores of a deployment is told to the forge") {
  static_cast<void>(observe(wish()));
  const auto observer = start();
  const auto id = ask();
  wait_until([&] { return m_forge.statuses().size() == 1; }, k_patience, "a status, of:\n" + logged());
  m_store.queue.finish(id, Status::ready, {.text = "it runs"});
  wait_until([&] { return m_forge.statuses().size() == 2; }, k_patience, "another status, of:\n" + logged());
  CHECK(m_forge.statuses()[1].state == "success");
}

TEST_CASE_METHOD(ObserverFixture, "what is observed from now on is seen without being told") {
  const auto observer = start(true);
  static_cast<void>(serve::configure(m_home, wish(), options(), m_clock));
  await_log("the webhook at 'ada/shop' is created");
}

TEST_CASE_METHOD(ObserverFixture, "what was pushed while there was no webhook is found when there is one again") {
  static_cast<void>(serve::configure(m_home, wish(), options(), m_clock));
  {
    const auto first = start(true);
    wait_until([&] { return m_store.source_checks.checked("shop", "github").has_value(); }, k_patience, "a first look");
  }
  write("web/index.html", "2");
  const std::string second = commit("the second one");
  const auto observer = start(true);
  wait_until([&] { return !m_store.deliveries.due("shop", m_clock.now(), 9).empty(); }, k_patience,
             "a delivery, of:\n" + logged());
  CHECK(m_store.deliveries.due("shop", m_clock.now(), 9).at(0).refs ==
        std::vector<AskedRef>{{"refs/heads/main", second}});
}

TEST_CASE_METHOD(ObserverFixture, "a forge that does not answer keeps nobody from ending it") {
  static_cast<void>(observe(wish()));
  m_forge.have_trouble({.count = 100, .hangs = true});
  const auto observer = start(true);
  wait_until([&] { return m_forge.requests().size() > 3; }, k_patience, "it to ask");
  observer->end();
  SUCCEED("it has ended");
}

TEST_CASE_METHOD(ObserverFixture, "a forge in trouble is told once, and tried again") {
  static_cast<void>(observe(wish()));
  m_forge.have_trouble({.count = 3, .status = 502});
  const auto observer = start();
  await_log("is tried again: 127.0.0.1 answers 502");
}
