#include "report/history.hpp"
#include "support/catch.hpp"
#include "unit/store/store_fixture.hpp"

using namespace teal;
using namespace std::chrono_literals;

namespace {

class PastFixture : public StoreFixture {
protected:
  std::int64_t deploy_live(Color color) {
    const auto id = deploy("shop", color, Status::live);
    go_live(id, color);
    return id;
  }
  void go_live(std::int64_t deployment, Color color) {
    m_clock.time += 60s;
    m_store.traffic.move({.app = "shop", .color = color, .deployment = deployment, .commit = "", .who = "", .at = {}});
  }
  PastDeployment past(std::int64_t id) const {
    for (const HistoryEntry& entry : history_of(m_store, "shop", 100)) {
      const auto* past = std::get_if<PastDeployment>(&entry);
      if (past != nullptr && past->deployment.id == id) {
        return *past;
      }
    }
    throw std::runtime_error("no such deployment in the history");
  }

  Store m_store{m_file, m_clock};
};

} // namespace

TEST_CASE_METHOD(PastFixture, "deployments and what people did are in the order of time and no more than asked for") {
  m_store.actions.add({.app = "shop", .verb = "create", .who = "ann", .at = {}, .text = ""});
  m_clock.time += 1s;
  const auto id = deploy("shop", Color::blue, Status::ready);
  m_clock.time += 1s;
  m_store.actions.add({.app = "shop", .verb = "freeze", .who = "bob", .at = {}, .text = "stocktaking"});
  const auto entries = history_of(m_store, "shop", 10);
  REQUIRE(entries.size() == 3);
  CHECK(std::get<Action>(entries[0]).verb == "freeze");
  CHECK(std::get<PastDeployment>(entries[1]).deployment.id == id);
  CHECK(std::get<Action>(entries[2]).verb == "create");
  CHECK(history_of(m_store, "shop", 2).size() == 2);
  CHECK(to_json(entries[0]).at("kind") == "action");
  CHECK(to_json(entries[0]).at("who") == "bob");
  CHECK(to_json(entries[1]).at("kind") == "deployment");
}

TEST_CASE_METHOD(PastFixture, "a deployment is live as long as traffic goes to it and was live until that ended") {
  const auto blue = deploy_live(Color::blue);
  CHECK(past(blue).is_live);
  CHECK(past(blue).describe_status(m_clock.time) == "live");
  const auto green = deploy_live(Color::green);
  CHECK_FALSE(past(blue).is_live);
  CHECK(past(blue).live_until == m_clock.time);
  CHECK(past(blue).describe_status(m_clock.time + 300s) == "was live until 5 min ago");
  CHECK(past(green).describe_status(m_clock.time) == "live");
  const auto shown = to_json(HistoryEntry(past(blue)));
  CHECK(shown.at("status") == "live"); // what became of it
  CHECK(shown.at("live_now") == false);
  CHECK(shown.at("live_until").is_string());
}

TEST_CASE_METHOD(PastFixture, "what became live by a switch is and goes back to having been when that is undone") {
  const auto blue = deploy_live(Color::blue);
  const auto green = deploy("shop", Color::green, Status::ready);
  CHECK(past(green).describe_status(m_clock.time) == "ready");
  go_live(green, Color::green);
  CHECK(past(green).describe_status(m_clock.time) == "live");
  go_live(blue, Color::blue);
  CHECK(past(blue).is_live);
  CHECK_FALSE(past(blue).live_until);
  CHECK(past(green).describe_status(m_clock.time) == "was live until just now");
}

TEST_CASE_METHOD(PastFixture, "a deployment that failed stays failed and never was live") {
  const auto id = deploy("shop", Color::blue, Status::failed);
  CHECK(past(id).describe_status(m_clock.time) == "failed");
  CHECK(to_json(HistoryEntry(past(id))).at("live_since").is_null());
}

TEST_CASE_METHOD(PastFixture, "what runs on a target was live until the next one that ended well there") {
  const Destination heroku = Destination::parse("heroku").value();
  const auto deploy_there = [&](Status status) {
    const auto id = m_store.queue.enqueue(event_of("shop"), heroku).deployment.id;
    REQUIRE(m_store.queue.begin(id, std::nullopt));
    m_clock.time += 60s;
    m_store.queue.finish(id, status, {.text = "x"});
    return id;
  };
  const auto first = deploy_there(Status::live);
  CHECK(past(first).is_live);
  const auto failed = deploy_there(Status::failed);
  CHECK(past(first).is_live);
  CHECK(past(failed).describe_status(m_clock.time) == "failed");
  const auto second = deploy_there(Status::live);
  CHECK(past(second).describe_status(m_clock.time) == "live");
  CHECK(past(first).live_until == m_clock.time);
  CHECK(past(first).describe_status(m_clock.time + 300s) == "was live until 5 min ago");
}
