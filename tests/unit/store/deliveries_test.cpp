#include "core/error.hpp"
#include "store/deliveries.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

namespace {

using Settled = Deliveries::Settled;

class DeliveriesFixture : public StoreFixture {
protected:
  static StoredDelivery delivery_of(const std::string& sender, const std::string& app = "shop") {
    return {.app = app,
            .source = "hub",
            .sender = sender,
            .refs = {{"refs/heads/main", std::string(40, 'b')}, {"refs/tags/" + sender, ""}},
            .headers = "X-GitHub-Event: push\n",
            .payload = "{\"of\":\"" + sender + "\"}",
            .at = TimePoint(Milliseconds(1'700'000'000'000)),
            .outcome = {}};
  }
  Deliveries::Taken add(const std::string& sender, const std::string& app = "shop") {
    return m_deliveries.add({delivery_of(sender, app)}).front();
  }
  std::vector<std::int64_t> due() {
    std::vector<std::int64_t> ids;
    for (const StoredDelivery& one : m_deliveries.due("shop", m_clock.time, 100)) {
      ids.push_back(one.id);
    }
    return ids;
  }
  void end(std::int64_t id, DeliveryStatus status, const std::string& outcome = "said so") {
    m_deliveries.settle({{.id = id, .status = status, .outcome = outcome}});
  }

  Deliveries m_deliveries{m_database};
};

} // namespace

TEST_CASE_METHOD(DeliveriesFixture, "deliveries are stored in order and wait until each is settled") {
  const auto taken = m_deliveries.add({delivery_of("a"), delivery_of("b"), delivery_of("c", "blog")});
  REQUIRE(taken.size() == 3);
  CHECK((taken[0].is_new && taken[1].is_new && taken[2].is_new));
  CHECK(due() == std::vector{taken[0].id, taken[1].id});
  CHECK(m_deliveries.apps_with_waiting() == std::vector<std::string>{"blog", "shop"});
  CHECK(m_deliveries.count_waiting() == 3);
  end(taken[0].id, DeliveryStatus::done, "deployment 1");
  CHECK(due() == std::vector{taken[1].id});
  const StoredDelivery found = m_deliveries.find(taken[0].id).value();
  CHECK(found.payload == "{\"of\":\"a\"}");
  CHECK(found.refs == delivery_of("a").refs);
  CHECK(m_deliveries.due("shop", m_clock.time, 100).front().refs == delivery_of("b").refs);
  CHECK(found.headers == "X-GitHub-Event: push\n");
  CHECK(found.status == DeliveryStatus::done);
  CHECK(found.outcome == "deployment 1");
  CHECK_FALSE(m_deliveries.find(99));
}

TEST_CASE_METHOD(DeliveriesFixture, "what is sent twice is one delivery of one source and also within a transaction") {
  const auto taken = m_deliveries.add({delivery_of("a"), delivery_of("a")});
  CHECK(taken[0].is_new);
  CHECK_FALSE(taken[1].is_new);
  CHECK(taken[1].id == taken[0].id);
  end(taken[0].id, DeliveryStatus::done);
  CHECK_FALSE(add("a").is_new);
  CHECK(add("a", "blog").is_new); // of another app it is another one
  CHECK(due().empty());
}

TEST_CASE_METHOD(DeliveriesFixture, "what was refused or failed can be sent again and has the id that it had") {
  const auto first = add("a");
  for (const DeliveryStatus status : {DeliveryStatus::failed, DeliveryStatus::refused}) {
    end(first.id, status);
    CHECK(m_deliveries.find(first.id).value().status == status);
    const auto again = add("a");
    CHECK(again.is_new);
    CHECK(again.id == first.id);
    CHECK(due() == std::vector{first.id});
    CHECK(m_deliveries.find(first.id).value().outcome.empty());
  }
}

TEST_CASE_METHOD(DeliveriesFixture, "deliveries without a sender's id are never the same") {
  CHECK(add("").id != add("").id);
  CHECK(due().size() == 2);
}

TEST_CASE_METHOD(DeliveriesFixture, "one that waits on is due when its time has come") {
  const auto taken = add("a");
  const TimePoint later = m_clock.time + std::chrono::seconds(5);
  m_deliveries.settle({{.id = taken.id, .status = DeliveryStatus::waiting, .outcome = "away", .next_try = later}});
  CHECK(due().empty());
  CHECK(m_deliveries.next_due("shop", m_clock.time) == later);
  m_clock.time = later;
  REQUIRE(due() == std::vector{taken.id});
  CHECK(m_deliveries.due("shop", later, 1).front().attempts == 1);
  end(taken.id, DeliveryStatus::done);
  end(taken.id, DeliveryStatus::failed); // what is settled stays so
  CHECK(m_deliveries.find(taken.id).value().status == DeliveryStatus::done);
  CHECK_FALSE(m_deliveries.next_due("shop", later));
}

TEST_CASE_METHOD(DeliveriesFixture, "one that was put off before the clock was set back is due at once") {
  const auto taken = add("a");
  const TimePoint ahead = m_clock.time + std::chrono::hours(24 * 365);
  m_deliveries.settle({{.id = taken.id, .status = DeliveryStatus::waiting, .outcome = "away", .next_try = ahead}});
  CHECK(due() == std::vector{taken.id});
  CHECK(m_deliveries.next_due("shop", m_clock.time).value() <= m_clock.time);
  const TimePoint soon = m_clock.time + Deliveries::k_longest_pause;
  m_deliveries.settle({{.id = taken.id, .status = DeliveryStatus::waiting, .outcome = "away", .next_try = soon}});
  CHECK(due().empty());
  CHECK(m_deliveries.next_due("shop", m_clock.time) == soon);
}

TEST_CASE_METHOD(DeliveriesFixture, "old deliveries are forgotten but none that waits") {
  const auto waits = add("a");
  const auto over = add("b");
  end(over.id, DeliveryStatus::done);
  m_deliveries.forget_before(m_clock.time);
  CHECK(m_deliveries.find(over.id));
  m_deliveries.forget_before(m_clock.time + std::chrono::hours(1));
  CHECK_FALSE(m_deliveries.find(over.id));
  CHECK(m_deliveries.find(waits.id));
}

TEST_CASE_METHOD(DeliveriesFixture, "an app that is removed takes its deliveries with it") {
  add("a");
  add("b", "blog");
  m_history.forget_app("shop");
  CHECK(m_deliveries.apps_with_waiting() == std::vector<std::string>{"blog"});
}

TEST_CASE_METHOD(DeliveriesFixture, "what cannot be stored is stored in no part") {
  m_database.handle().exec("CREATE TRIGGER full BEFORE INSERT ON deliveries WHEN NEW.sender = 'c' "
                           "BEGIN SELECT RAISE(ABORT, 'no room'); END");
  CHECK_THROWS_AS(m_deliveries.add({delivery_of("a"), delivery_of("b"), delivery_of("c")}), Error);
  CHECK(m_deliveries.count_waiting() == 0);
  CHECK(add("a").is_new);
}

TEST_CASE_METHOD(StoreFixture, "what a source asked for last is found, and what became of it counts") {
  Event event = event_of("shop");
  event.trigger = Trigger::webhook;
  event.who = "source:hub";
  const auto first = m_queue.enqueue(event, Color::blue).deployment.id;
  REQUIRE(m_queue.begin(first, Color::blue));
  m_queue.finish(first, Status::ready, {});
  event.new_commit = std::string(40, 'c');
  const auto second = m_queue.enqueue(event, Color::blue).deployment.id;
  REQUIRE(m_queue.begin(second, Color::blue));
  m_queue.finish(second, Status::failed, {});
  deploy("shop", Color::green, Status::ready); // by push
  CHECK(m_history.last_asked_by("shop", "source:hub", event.ref).value().id == second);
  CHECK(m_history.last_sound_by("shop", "source:hub", event.ref).value().id == first);
  CHECK_FALSE(m_history.last_asked_by("shop", "source:other", event.ref));
  CHECK_FALSE(m_history.last_asked_by("shop", "source:hub", "refs/heads/other"));
}

TEST_CASE_METHOD(DeliveriesFixture,
                 "they are listed newest first and without what is large, and a settled one may be settled anew") {
  const auto first = add("a");
  const auto second = add("b", "blog");
  const auto third = add("c");
  m_deliveries.settle({{.id = first.id, .status = DeliveryStatus::refused, .outcome = "no rule"}});
  m_deliveries.settle_anew({.id = first.id, .status = DeliveryStatus::done, .outcome = "made", .deployment = 7});
  const auto all = m_deliveries.list(std::nullopt, 2);
  REQUIRE(all.size() == 2);
  CHECK((all[0].id == third.id && all[1].id == second.id));
  const auto of_shop = m_deliveries.list("shop", 10);
  REQUIRE(of_shop.size() == 2);
  CHECK(of_shop[1].status == DeliveryStatus::done);
  CHECK(of_shop[1].outcome == "made");
  CHECK(of_shop[1].deployment == 7);
  CHECK(of_shop[1].payload.empty());
  CHECK(m_deliveries.find(first.id).value().payload == "{\"of\":\"a\"}");
}

TEST_CASE_METHOD(DeliveriesFixture,
                 "what is sent again is kept as it was sent last and what it said is forgotten with it") {
  const auto first = add("a");
  end(first.id, DeliveryStatus::failed);
  StoredDelivery again = delivery_of("a");
  again.payload = "{}";
  CHECK(m_deliveries.add({again}).front().id == first.id);
  CHECK(m_deliveries.find(first.id).value().payload == "{}");
  end(first.id, DeliveryStatus::done);
  m_deliveries.forget_before(m_clock.time + std::chrono::hours(1));
  CHECK(m_database.handle().execAndGet("SELECT count(*) FROM delivery_bodies").getInt() == 0);
}

TEST_CASE_METHOD(DeliveriesFixture, "deliveries are listed newest first, in pages, by app and by what became of them") {
  const std::int64_t first = add("a").id;
  const std::int64_t second = add("b", "blog").id;
  const std::int64_t third = add("c").id;
  static_cast<void>(add("d", "other"));
  end(first, DeliveryStatus::failed);
  const auto list = [&](const DeliveryFilter& filter) {
    std::vector<std::int64_t> found;
    for (const StoredDelivery& one : m_deliveries.list(filter)) {
      CHECK(one.payload.empty());
      found.push_back(one.id);
    }
    return found;
  };
  CHECK(list({.apps = {"shop", "blog"}}) == std::vector{third, second, first});
  CHECK(list({.apps = {"shop", "blog"}, .limit = 2}) == std::vector{third, second});
  CHECK(list({.apps = {"shop", "blog"}, .before = second}) == std::vector{first});
  CHECK(list({.apps = {"shop"}, .status = DeliveryStatus::failed}) == std::vector{first});
  CHECK(list({.apps = {}}).empty());
  CHECK(parse_delivery_status("refused") == DeliveryStatus::refused);
  CHECK_FALSE(parse_delivery_status("lost"));
}
