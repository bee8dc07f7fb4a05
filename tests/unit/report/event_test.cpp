#include "report/event.hpp"
#include "support/catch.hpp"
#include "unit/store/store_fixture.hpp"

#include <boost/json/array.hpp>

using namespace teal;
using namespace std::chrono_literals;

namespace {

class EventFixture : public StoreFixture {
protected:
  std::int64_t ask(const std::string& app) {
    Event event = event_of(app);
    event.at = m_clock.time;
    return m_store.queue.enqueue(event, Color::blue).deployment.id;
  }
  std::int64_t deliver(const std::string& app) {
    return m_store.deliveries
        .add({{.app = app,
               .source = "hub",
               .sender = {},
               .refs = {{"refs/heads/main", std::string(40, 'b')}},
               .headers = "X-GitHub-Event: push\nUser-Agent: hub\n",
               .payload = "{}",
               .at = m_clock.time,
               .outcome = {}}})
        .front()
        .id;
  }
  [[nodiscard]] std::vector<std::string> ids(const std::optional<std::string>& app, std::size_t limit = 10) const {
    std::vector<std::string> found;
    for (const EventEntry& entry : events_of(m_store, app, limit)) {
      found.push_back(id_of(entry));
    }
    return found;
  }

  Store m_store{m_file, m_clock};
};

} // namespace

TEST_CASE_METHOD(EventFixture, "events and deliveries stand in one list in the order of time") {
  deliver("shop");
  m_clock.time += 1s;
  ask("shop");
  m_clock.time += 1s;
  ask("blog");
  m_clock.time += 1s;
  deliver("blog");
  CHECK(ids(std::nullopt) == std::vector<std::string>{"d2", "2", "1", "d1"});
  CHECK(ids("shop") == std::vector<std::string>{"1", "d1"});
  CHECK(ids(std::nullopt, 2) == std::vector<std::string>{"d2", "2"});
  CHECK(app_of(events_of(m_store, "shop", 1).front()) == "shop");
}

TEST_CASE_METHOD(EventFixture, "an event that was tried again stands there once with all that came of it") {
  const auto first = ask("shop");
  REQUIRE(m_queue.begin(first, Color::blue));
  const auto retry = m_queue.fail_for_now(first, {.text = "away"}, 10s);
  REQUIRE(retry);
  ask("blog");
  const auto entries = events_of(m_store, "shop", 10);
  REQUIRE(entries.size() == 1);
  const auto shown = to_json(entries.front());
  CHECK(shown.at("kind") == "event");
  CHECK(shown.at("id") == "1");
  const auto& deployments = shown.at("deployments").as_array();
  REQUIRE(deployments.size() == 2);
  CHECK(deployments[0].at("id") == retry->id);
  CHECK(deployments[1].at("outcome") == "away");
}

TEST_CASE_METHOD(EventFixture, "a delivery is shown with headers and payload where it is shown whole") {
  const auto id = deliver("shop");
  m_store.deliveries.settle({{.id = id, .status = DeliveryStatus::done, .outcome = "made", .deployment = 3}});
  const auto shown = to_json_whole(m_store.deliveries.find(id).value());
  CHECK(shown.at("id") == "d1");
  CHECK(shown.at("status") == "done");
  CHECK(shown.at("deployment") == 3);
  CHECK(shown.at("headers").as_array().size() == 2);
  CHECK(shown.at("payload") == "{}");
  CHECK_FALSE(to_json(events_of(m_store, "shop", 1).front()).contains("payload"));
}
