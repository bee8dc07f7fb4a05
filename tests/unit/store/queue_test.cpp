#include "core/error.hpp"
#include "store/actions.hpp"
#include "store/queue.hpp"
#include "store/traffic.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

namespace {

std::vector<std::int64_t> ids_of(const std::vector<Deployment>& deployments) {
  std::vector<std::int64_t> ids;
  for (const Deployment& deployment : deployments) {
    ids.push_back(deployment.id);
  }
  return ids;
}

using Ids = std::vector<std::int64_t>;

} // namespace

TEST_CASE_METHOD(StoreFixture, "an event that is queued is read back as it was given") {
  const Event event = event_of("shop", "Say \"hello\" in Zürich; DROP TABLE events; -- 'quoted' 🚀");
  const auto queued = m_queue.enqueue(event, Color::green);
  CHECK(queued.superseded.empty());

  const Deployment stored = m_history.deployment(queued.deployment.id).value();
  CHECK(stored.event.id == queued.deployment.event.id);
  CHECK(stored.event.app == event.app);
  CHECK(stored.event.trigger == event.trigger);
  CHECK(stored.event.repository == event.repository);
  CHECK(stored.event.ref == event.ref);
  CHECK(stored.event.old_commit == event.old_commit);
  CHECK(stored.event.new_commit == event.new_commit);
  CHECK(stored.event.subject == event.subject);
  CHECK(stored.event.who == event.who);
  CHECK(stored.event.at == event.at);
  CHECK(stored.destination == Color::green);
  CHECK_FALSE(stored.color);
  CHECK(stored.status == Status::queued);
  CHECK(stored.release == 0);
  CHECK(stored.created == m_clock.time);
  CHECK_FALSE(stored.started);
  CHECK_FALSE(stored.finished);
  CHECK(stored.steps.empty());
}

TEST_CASE_METHOD(StoreFixture, "text with a NUL byte is kept whole") {
  const std::string subject("a\0b", 3);
  const auto id = m_queue.enqueue(event_of("shop", subject), Color::blue).deployment.id;
  CHECK(m_history.deployment(id).value().event.subject == subject);
}

TEST_CASE_METHOD(StoreFixture,
                 "a newer event supersedes the one still waiting for the same app and color, and no other") {
  const auto other_app = m_queue.enqueue(event_of("blog"), Color::blue).deployment.id;
  const auto other_color = m_queue.enqueue(event_of("shop"), Color::green).deployment.id;
  const auto older = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;

  const auto newer = m_queue.enqueue(event_of("shop"), Color::blue);
  CHECK(newer.superseded == Ids{older});
  CHECK(status_of(other_app) == Status::queued);
  CHECK(status_of(other_color) == Status::queued);
  CHECK(status_of(newer.deployment.id) == Status::queued);

  const Deployment gone = m_history.deployment(older).value();
  CHECK(gone.status == Status::superseded);
  CHECK(gone.finished == m_clock.time);
  CHECK(gone.outcome == "superseded by deployment " + std::to_string(newer.deployment.id));
}

TEST_CASE_METHOD(StoreFixture, "what runs is never superseded") {
  const auto running = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(running, Color::blue));
  CHECK(m_queue.enqueue(event_of("shop"), Color::blue).superseded.empty());
  CHECK(status_of(running) == Status::running);
}

TEST_CASE_METHOD(StoreFixture, "what has ended is never superseded") {
  const auto failed = deploy("shop", Color::blue, Status::failed);
  CHECK(m_queue.enqueue(event_of("shop"), Color::blue).superseded.empty());
  CHECK(status_of(failed) == Status::failed);
}

TEST_CASE_METHOD(StoreFixture, "the next deployment is the app's oldest that waits") {
  CHECK_FALSE(m_queue.next("shop"));
  const auto first = m_queue.enqueue(event_of("shop"), Color::green).deployment.id;
  const auto second = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  m_queue.enqueue(event_of("blog"), Color::blue);

  CHECK(m_queue.next("shop").value().id == first);
  REQUIRE(m_queue.begin(first, Color::blue));
  CHECK(m_queue.next("shop").value().id == second);
}

TEST_CASE_METHOD(StoreFixture, "a deployment that was superseded before it began does not begin") {
  const auto older = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  m_queue.enqueue(event_of("shop"), Color::blue);
  CHECK_FALSE(m_queue.begin(older, Color::blue));
  CHECK(status_of(older) == Status::superseded);
}

TEST_CASE_METHOD(StoreFixture, "a deployment begins once") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  CHECK(m_queue.begin(id, Color::blue));
  CHECK_FALSE(m_queue.begin(id, Color::blue));
  CHECK_FALSE(m_queue.begin(id + 1, Color::blue));
  CHECK(m_history.deployment(id).value().started == m_clock.time);
}

TEST_CASE_METHOD(StoreFixture, "unfinished deployments are those that run, oldest first") {
  const auto first = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(first, Color::blue));
  const auto second = m_queue.enqueue(event_of("shop"), Color::green).deployment.id;
  REQUIRE(m_queue.begin(second, Color::blue));
  m_queue.enqueue(event_of("shop"), Color::green);
  deploy("shop", Color::blue, Status::ready);

  CHECK(ids_of(m_queue.unfinished("shop")) == Ids{first, second});
  CHECK(m_queue.unfinished("blog").empty());
}

TEST_CASE_METHOD(StoreFixture, "apps with work are those with something queued or running, once each") {
  CHECK(m_queue.apps_with_work().empty());
  deploy("done", Color::blue, Status::live);
  m_queue.enqueue(event_of("shop"), Color::blue);
  m_queue.enqueue(event_of("shop"), Color::green);
  REQUIRE(m_queue.begin(m_queue.enqueue(event_of("blog"), Color::blue).deployment.id, Color::blue));
  CHECK(m_queue.apps_with_work() == std::vector<std::string>{"blog", "shop"});
}

TEST_CASE_METHOD(StoreFixture, "steps are kept in the order they began, with what is worth knowing") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(id, Color::blue));
  m_queue.begin_step(id, StepName::retire);
  m_queue.end_step(id, StepName::retire, StepStatus::done, Milliseconds(12), "shop-blue of 1a2b3c4");
  m_queue.begin_step(id, StepName::checkout);

  const auto steps = m_history.deployment(id).value().steps;
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].name == StepName::retire);
  CHECK(steps[0].status == StepStatus::done);
  CHECK(steps[0].duration == Milliseconds(12));
  CHECK(steps[0].fact == "shop-blue of 1a2b3c4");
  CHECK(steps[0].started == m_clock.time);
  CHECK(steps[1].name == StepName::checkout);
  CHECK(steps[1].status == StepStatus::running);
}

TEST_CASE_METHOD(StoreFixture, "a step may begin again, and ends only while it runs") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(id, Color::blue));
  CHECK_THROWS_AS(m_queue.end_step(id, StepName::build, StepStatus::done, Milliseconds(1), ""), Error);
  m_queue.begin_step(id, StepName::build);
  m_queue.end_step(id, StepName::build, StepStatus::failed, Milliseconds(5), "step 3");
  CHECK_THROWS_AS(m_queue.end_step(id, StepName::build, StepStatus::done, Milliseconds(1), ""), Error);

  m_queue.begin_step(id, StepName::build);
  const auto steps = m_history.deployment(id).value().steps;
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].status == StepStatus::running);
  CHECK(steps[0].fact.empty());
}

TEST_CASE_METHOD(StoreFixture, "a finished deployment has its outcome, and no step that still runs") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(id, Color::blue));
  m_queue.begin_step(id, StepName::checkout);
  m_queue.end_step(id, StepName::checkout, StepStatus::done, Milliseconds(3), "");
  m_queue.begin_step(id, StepName::build);
  m_clock.time += Milliseconds(700);
  m_queue.finish(id, Status::failed,
                 {.text = "the runner was killed", .engine_time = Milliseconds(420), .peak_memory = 1024});

  const Deployment ended = m_history.deployment(id).value();
  CHECK(ended.status == Status::failed);
  CHECK(ended.outcome == "the runner was killed");
  CHECK(ended.engine_time == Milliseconds(420));
  CHECK(ended.peak_memory == 1024);
  CHECK(ended.finished == m_clock.time);
  REQUIRE(ended.steps.size() == 2);
  CHECK(ended.steps[0].status == StepStatus::done);
  CHECK(ended.steps[1].status == StepStatus::failed);
  CHECK(ended.steps[1].duration == Milliseconds(700));
}

TEST_CASE_METHOD(StoreFixture, "a status goes forward only") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  const auto finish = [&](std::int64_t which, Status status) { m_queue.finish(which, status, {.text = "changed"}); };
  CHECK_THROWS_AS(finish(id, Status::queued), Error);
  CHECK_THROWS_AS(finish(id, Status::running), Error);
  CHECK_THROWS_AS(finish(id + 1, Status::failed), Error);
  CHECK(status_of(id) == Status::queued);

  finish(id, Status::cancelled);
  CHECK_THROWS_AS(finish(id, Status::live), Error);
  CHECK_FALSE(m_queue.begin(id, Color::blue));
  CHECK(status_of(id) == Status::cancelled);
}

TEST_CASE_METHOD(StoreFixture, "every runner that takes a deployment on is counted, and only while it runs") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  CHECK_THROWS_AS(m_queue.begin_again(id), Error);
  REQUIRE(m_queue.begin(id, Color::blue));
  m_queue.begin_again(id);
  CHECK(m_history.deployment(id).value().attempts == 2);
  m_queue.finish(id, Status::failed, {});
  CHECK_THROWS_AS(m_queue.begin_again(id), Error);
}

TEST_CASE_METHOD(StoreFixture, "a running deployment is superseded by a newer one of its color only") {
  const Deployment running = m_queue.enqueue(event_of("shop"), Color::blue).deployment;
  REQUIRE(m_queue.begin(running.id, Color::blue));
  m_queue.enqueue(event_of("shop"), Color::green);
  CHECK_FALSE(m_queue.is_superseded(running));
  m_queue.enqueue(event_of("shop"), Color::blue);
  CHECK(m_queue.is_superseded(running));
}

TEST_CASE_METHOD(StoreFixture,
                 "a release the app has already keeps its id and its artifact and takes the new commit's data") {
  const auto first = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(first, Color::blue));
  const Release release = release_of("shop", 'a');
  const auto id = m_queue.add_release(first, release);
  CHECK(m_history.release(id).value().artifact.empty());
  m_queue.publish_release(id, "localhost:5000/shop@sha256:0a");
  m_queue.finish(first, Status::ready, {});

  Release again = release;
  again.commit = std::string(40, 'f');
  again.subject = "Only a comment";
  again.created += Milliseconds(5);
  const auto second = m_queue.enqueue(event_of("shop"), Color::green).deployment.id;
  REQUIRE(m_queue.begin(second, Color::blue));
  CHECK(m_queue.add_release(second, again) == id);

  const Release stored = m_history.release(id).value();
  CHECK(stored.commit == again.commit);
  CHECK(stored.subject == again.subject);
  CHECK(stored.artifact == "localhost:5000/shop@sha256:0a");
  CHECK(stored.created == again.created);
  CHECK(m_history.releases("shop").size() == 1);
  CHECK(m_history.deployment(first).value().release == id);
  CHECK(m_history.deployment(second).value().release == id);
}

TEST_CASE_METHOD(StoreFixture, "a release that is not there cannot be published") {
  CHECK_THROWS_AS(m_queue.publish_release(7, "localhost:5000/shop@sha256:0a"), Error);
}

TEST_CASE_METHOD(StoreFixture, "a release of a deployment that does not run is not stored") {
  const auto id = deploy("shop", Color::blue, Status::failed);
  CHECK_THROWS_AS(m_queue.add_release(id, release_of("shop", 'a')), Error);
  CHECK(m_history.releases("shop").empty());
}

TEST_CASE("threads that queue at once lose nothing and leave one deployment waiting for each color") {
  constexpr std::size_t k_threads = 6;
  constexpr std::size_t k_each = 20;
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  const SystemClock clock;
  std::vector<std::thread> threads;
  std::vector<std::vector<std::int64_t>> ids(k_threads);
  for (std::size_t i = 0; i < k_threads; ++i) {
    threads.emplace_back([&, i] {
      Database database(file);
      Queue queue(database, clock);
      for (std::size_t n = 0; n < k_each; ++n) {
        ids[i].push_back(queue.enqueue(event_of("shop"), n % 2 == 0 ? Color::blue : Color::green).deployment.id);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }

  std::set<std::int64_t> distinct;
  for (const auto& of_thread : ids) {
    distinct.insert(of_thread.begin(), of_thread.end());
  }
  CHECK(distinct.size() == k_threads * k_each);
  Database database(file);
  std::map<Color, std::vector<std::int64_t>> waiting;
  std::map<Color, std::int64_t> newest;
  for (const Deployment& deployment : History(database).deployments("shop", 1000)) {
    newest[deployment.destination.color().value()] =
        std::max(newest[deployment.destination.color().value()], deployment.id);
    if (deployment.status == Status::queued) {
      waiting[deployment.destination.color().value()].push_back(deployment.id);
    }
  }
  for (const Color color : k_colors) {
    CHECK(waiting[color] == Ids{newest[color]});
  }
}

TEST_CASE_METHOD(StoreFixture, "what goes live supersedes its like and loses its move of traffic to nothing else") {
  const auto to_blue = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  const auto to_idle = m_queue.enqueue(event_of("shop"), Destination::idle()).deployment.id;
  const auto older = m_queue.enqueue(event_of("shop"), Destination::live());
  const auto newer = m_queue.enqueue(event_of("shop"), Destination::live());
  const auto newest_idle = m_queue.enqueue(event_of("shop"), Destination::idle());
  CHECK(older.superseded.empty());
  CHECK(newer.superseded == Ids{older.deployment.id});
  CHECK(newest_idle.superseded == Ids{to_idle});
  CHECK(m_queue.is_superseded(older.deployment));
  CHECK_FALSE(m_queue.is_superseded(newer.deployment));
  CHECK(status_of(to_blue) == Status::queued);
  CHECK(status_of(newer.deployment.id) == Status::queued);
}

TEST_CASE_METHOD(StoreFixture, "a deployment has a color from when it begins and keeps where it was asked to go") {
  const auto id = m_queue.enqueue(event_of("shop"), Destination::live()).deployment.id;
  CHECK_FALSE(m_history.deployment(id).value().color);
  REQUIRE(m_queue.begin(id, Color::green));
  CHECK_FALSE(m_queue.begin(id, Color::blue));
  const Deployment begun = m_history.deployment(id).value();
  CHECK(begun.color == Color::green);
  CHECK(begun.destination == Destination::live());

  const auto to_target = m_queue.enqueue(event_of("shop"), Destination::parse("heroku").value()).deployment.id;
  REQUIRE(m_queue.begin(to_target, std::nullopt));
  CHECK_FALSE(m_history.deployment(to_target).value().color);
}

TEST_CASE_METHOD(StoreFixture, "of a frozen app only rollbacks run, and neither what waits nor what comes") {
  TrafficLog traffic(m_database, m_clock);
  const auto running = deploy("shop", Color::green, Status::ready);
  const auto begun = m_queue.enqueue(event_of("shop"), Color::green).deployment.id;
  REQUIRE(m_queue.begin(begun, Color::blue));
  const auto release = m_queue.add_release(begun, release_of("shop", 'a'));
  const auto waiting = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  const auto elsewhere = m_queue.enqueue(event_of("blog"), Color::blue).deployment.id;
  CHECK(traffic.set_freeze({.app = "shop", .who = "ann", .why = "stocktaking", .at = {}}) == 1);

  const Deployment held = m_history.deployment(waiting).value();
  CHECK(held.status == Status::cancelled);
  CHECK(held.outcome == "frozen by ann: stocktaking");
  CHECK(held.finished == m_clock.time);
  const Deployment refused = m_queue.enqueue(event_of("shop"), Color::blue).deployment;
  CHECK(refused.status == Status::cancelled);
  CHECK(m_history.deployment(refused.id).value().outcome == "frozen by ann: stocktaking");
  CHECK(m_history.deployment(refused.id).value().event.subject == "Fix login");
  CHECK_FALSE(m_queue.next("shop"));
  CHECK(status_of(running) == Status::ready);
  CHECK(status_of(begun) == Status::running);
  CHECK(status_of(elsewhere) == Status::queued);

  const auto back = m_queue.enqueue(event_of("shop"), Color::blue, release).deployment;
  CHECK(back.status == Status::queued);
  CHECK(m_queue.next("shop").value().id == back.id);
}

TEST_CASE_METHOD(StoreFixture, "a release is awaited until the deployment that names it has ended") {
  const auto first = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(first, Color::blue));
  const auto release = m_queue.add_release(first, release_of("shop", 'a'));
  CHECK(m_queue.is_awaited(release));
  m_queue.finish(first, Status::ready, {});
  CHECK_FALSE(m_queue.is_awaited(release));
  const auto back = m_queue.enqueue(event_of("shop"), Color::blue, release).deployment.id;
  CHECK(m_queue.is_awaited(release));
  REQUIRE(m_queue.begin(back, Color::blue));
  CHECK(m_queue.is_awaited(release));
  m_queue.finish(back, Status::failed, {});
  CHECK_FALSE(m_queue.is_awaited(release));
}

TEST_CASE_METHOD(StoreFixture, "a release keeps the settings it ran with last, and takes them with it") {
  const auto deployment = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(deployment, Color::blue));
  const auto release = m_queue.add_release(deployment, release_of("shop", 'd'));
  CHECK_FALSE(m_history.release_settings(release));
  m_queue.keep_settings(release, {.settings = "bind: 0.0.0.0\n", .pushed = "build: {}\n", .env = "A=1\n"});
  m_queue.keep_settings(release, {.settings = "bind: 127.0.0.1\n",
                                  .pushed = {},
                                  .env = "A=2\n",
                                  .own_env = "B=1\n",
                                  .procfile = "web: a\n",
                                  .app_json = {}});
  const ReleaseSettings kept = m_history.release_settings(release).value();
  CHECK(kept.settings == "bind: 127.0.0.1\n");
  CHECK_FALSE(kept.pushed);
  CHECK(kept.env == "A=2\n");
  CHECK(kept.own_env == "B=1\n");
  CHECK(kept.procfile == "web: a\n");
  CHECK_FALSE(kept.app_json);
  CHECK(m_queue.enqueue(event_of("shop"), Destination::idle(), release).deployment.from_release);
  CHECK(m_queue.next("shop").value().release == release);
  m_history.forget_release(release);
  CHECK_FALSE(m_history.release_settings(release));
}

TEST_CASE_METHOD(StoreFixture, "what waits is cancelled by whoever wants it and what runs is not") {
  const auto first = m_queue.enqueue(event_of("shop"), {Color::blue}).deployment.id;
  const auto second = m_queue.enqueue(event_of("shop"), {Color::green}).deployment.id;
  const auto other = m_queue.enqueue(event_of("blog"), {Color::green}).deployment.id;
  REQUIRE(m_queue.begin(first, Color::blue));
  CHECK(m_queue.pending().size() == 3);
  CHECK_FALSE(m_queue.cancel(first, "anna"));
  CHECK(m_queue.cancel(second, "anna"));
  CHECK_FALSE(m_queue.cancel(second, "bert"));
  CHECK_FALSE(m_queue.begin(second, Color::green));
  CHECK_FALSE(m_queue.next("shop"));
  REQUIRE(m_queue.pending().size() == 2);
  CHECK(m_queue.pending().front().id == first);
  CHECK(m_queue.pending().back().id == other);
  const auto ended = History(m_database).deployment(second).value();
  CHECK(ended.status == Status::cancelled);
  CHECK(ended.outcome == "cancelled by anna");
  CHECK(is_cancelled_by_hand(ended));
}

TEST_CASE_METHOD(StoreFixture,
                 "what is to be quiet is due once none came for so long and never later than the longest") {
  const Queue::Quiet quiet{.pause = 5s, .longest = 12s};
  const TimePoint begin = m_clock.time;
  const auto ask = [&] {
    return m_queue.enqueue({.event = event_of("shop"), .destination = Color::blue}, quiet).deployment;
  };
  CHECK(ask().due == begin + 5s);
  CHECK_FALSE(m_queue.next("shop"));
  CHECK(m_queue.until_next("shop") == 5s);
  m_clock.time += 4s;
  CHECK(ask().due == begin + 9s);
  m_clock.time += 4s;
  const Deployment third = ask();
  CHECK(third.due == begin + 12s);
  CHECK(m_history.deployment(third.id).value().due == third.due);
  CHECK(status_of(third.id - 1) == Status::superseded);
  m_clock.time += 4s;
  CHECK(m_queue.next("shop").value().id == third.id);
  CHECK(m_queue.until_next("shop") == 0s);
  REQUIRE(m_queue.begin(third.id, Color::blue));
  CHECK_FALSE(m_queue.until_next("shop"));
  CHECK(ask().due == m_clock.time + 5s); // others are waited for anew
}

TEST_CASE_METHOD(StoreFixture, "what is quiet holds nothing else up and one by hand takes its place at once") {
  const Queue::Quiet quiet{.pause = 5s, .longest = 60s};
  const auto waits = m_queue.enqueue({.event = event_of("shop"), .destination = Color::blue}, quiet).deployment.id;
  const auto other = m_queue.enqueue(event_of("shop"), Color::green).deployment.id;
  CHECK(m_queue.next("shop").value().id == other);
  REQUIRE(m_queue.begin(other, Color::green));
  const auto by_hand = m_queue.enqueue(event_of("shop"), Color::blue);
  CHECK(by_hand.superseded == Ids{waits});
  CHECK(m_queue.next("shop").value().id == by_hand.deployment.id);
}

TEST_CASE_METHOD(StoreFixture, "a clock that was set back makes nobody wait longer") {
  const Queue::Quiet quiet{.pause = 5s, .longest = 60s};
  m_clock.time += std::chrono::hours(24 * 365);
  const auto id = m_queue.enqueue({.event = event_of("shop"), .destination = Color::blue}, quiet).deployment.id;
  m_clock.time -= std::chrono::hours(24 * 365);
  CHECK(m_queue.next("shop").value().id == id);
  CHECK(m_queue.until_next("shop") == 0s);
  CHECK(m_queue.enqueue({.event = event_of("shop"), .destination = Color::blue}, quiet).deployment.due ==
        m_clock.time + 5s);
}

TEST_CASE_METHOD(StoreFixture, "of a paused app nothing begins and what runs goes on until it is resumed") {
  const auto running = m_queue.enqueue(event_of("shop"), Color::green).deployment.id;
  REQUIRE(m_queue.begin(running, Color::green));
  const auto waits = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  const auto other = m_queue.enqueue(event_of("blog"), Color::blue).deployment.id;
  CHECK(m_queue.pause({.app = "shop", .who = "ann", .at = {}}));
  CHECK_FALSE(m_queue.pause({.app = "shop", .who = "bob", .at = {}})); // it is ann's
  CHECK(m_queue.find_pause("shop").value().who == "ann");
  CHECK(m_queue.find_pause("shop").value().at == m_clock.time);
  CHECK(m_queue.pauses().size() == 1);
  CHECK_FALSE(m_queue.next("shop"));
  CHECK_FALSE(m_queue.until_next("shop"));
  CHECK_FALSE(m_queue.begin(waits, Color::blue)); // nor what a runner had seen before
  CHECK(m_queue.next("blog").value().id == other);
  CHECK(m_queue.apps_with_work() == std::vector<std::string>{"blog", "shop"}); // one runs
  m_queue.finish(running, Status::ready, {});
  CHECK(m_queue.apps_with_work() == std::vector<std::string>{"blog"});
  CHECK(m_queue.resume("shop", "bob"));
  CHECK_FALSE(m_queue.resume("shop", "bob"));
  CHECK(m_queue.next("shop").value().id == waits);
  const auto actions = Actions(m_database, m_clock).list("shop", 10);
  REQUIRE(actions.size() == 2);
  CHECK((actions[0].verb == "resume" && actions[0].who == "bob"));
  CHECK((actions[1].verb == "pause" && actions[1].who == "ann"));
  m_queue.pause({.app = "shop", .who = "ann", .at = {}});
  m_history.forget_app("shop");
  CHECK(m_queue.pauses().empty());
}

TEST_CASE_METHOD(StoreFixture, "what failed for now is queued once more in the same transaction, of the same event") {
  const auto failed = m_queue.enqueue(event_of("shop"), Color::blue).deployment;
  REQUIRE(m_queue.begin(failed.id, Color::blue));
  const auto retry = m_queue.fail_for_now(failed.id, {.text = "the registry is away"}, 10s);
  REQUIRE(retry);
  CHECK(status_of(failed.id) == Status::failed);
  CHECK(m_history.deployment(failed.id).value().outcome == "the registry is away");
  CHECK(retry->event.id == failed.event.id);
  CHECK(retry->destination == Color::blue);
  CHECK(retry->due == m_clock.time + 10s);
  CHECK(retry->retry == 1);
  CHECK(retry->retry_of == failed.id);
  CHECK(m_history.retry_of(failed).value().id == retry->id);
  CHECK(ids_of(m_history.of_event(failed.event.id)) == Ids{retry->id, failed.id});
  CHECK_FALSE(m_queue.next("shop"));
  m_clock.time += 10s;
  CHECK(m_queue.next("shop").value().id == retry->id);
  REQUIRE(m_queue.begin(retry->id, Color::blue));
  CHECK(m_queue.fail_for_now(retry->id, {}, 20s).value().retry == 2);
}

TEST_CASE_METHOD(StoreFixture, "a retry that waits is superseded or cancelled like anything else") {
  const auto fail = [&] {
    const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
    REQUIRE(m_queue.begin(id, Color::blue));
    return m_queue.fail_for_now(id, {}, 10s).value().id;
  };
  const auto first = fail();
  CHECK(m_queue.enqueue(event_of("shop"), Color::blue).superseded == Ids{first});
  REQUIRE(m_queue.cancel(m_queue.next("shop").value().id, "ann"));
  const auto second = fail();
  CHECK(m_queue.cancel(second, "ann"));
  CHECK_FALSE(m_queue.until_next("shop"));
}

TEST_CASE_METHOD(StoreFixture, "what is superseded or frozen while it runs is not tried again") {
  const auto older = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(older, Color::blue));
  const auto newer = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  CHECK_FALSE(m_queue.fail_for_now(older, {}, 10s));
  CHECK(status_of(older) == Status::failed);
  REQUIRE(m_queue.begin(newer, Color::blue));
  TrafficLog(m_database, m_clock).set_freeze({.app = "shop", .who = "ann", .why = "stocktaking", .at = {}});
  CHECK_FALSE(m_queue.fail_for_now(newer, {}, 10s));
  CHECK(status_of(newer) == Status::failed);
}

TEST_CASE_METHOD(StoreFixture, "a restart takes the place of no deployment but of an older restart") {
  const auto release = release_of("shop", 'd');
  const auto first = m_queue.enqueue(event_of("shop"), {Color::blue}).deployment.id;
  REQUIRE(m_queue.begin(first, Color::blue));
  const auto id = m_queue.add_release(first, release);
  const auto push = m_queue.enqueue(event_of("shop"), {Color::blue}).deployment.id;
  const auto restart = m_queue.enqueue(event_of("shop"), {Color::blue}, id, true);
  CHECK(restart.superseded.empty());
  CHECK(restart.deployment.is_restart);
  CHECK(m_queue.next("shop")->id == push);
  const Deployment running = m_history.deployment(first).value();
  CHECK(m_queue.is_superseded(running)); // by the push
  const auto again = m_queue.enqueue(event_of("shop"), {Color::blue}, id, true);
  CHECK(again.superseded == Ids{restart.deployment.id});
  CHECK(m_history.deployment(again.deployment.id)->is_restart);
  const auto newest = m_queue.enqueue(event_of("shop"), {Color::blue});
  CHECK(newest.superseded == Ids{push, again.deployment.id});
}

TEST_CASE_METHOD(StoreFixture, "a restart that waits supersedes nothing that runs") {
  const auto push = m_queue.enqueue(event_of("shop"), {Color::blue}).deployment.id;
  REQUIRE(m_queue.begin(push, Color::blue));
  const auto id = m_queue.add_release(push, release_of("shop", 'd'));
  const auto restart = m_queue.enqueue(event_of("shop"), {Color::blue}, id, true).deployment.id;
  CHECK_FALSE(m_queue.is_superseded(m_history.deployment(push).value()));
  REQUIRE(m_queue.begin(restart, Color::blue));
  const auto other = m_queue.add_release(push, release_of("shop", 'e'));
  m_queue.set_release(restart, other);
  CHECK(m_history.deployment(restart)->release == other);
}

TEST_CASE_METHOD(StoreFixture,
                 "a scaling takes the place of no deployment but of an older scaling, and gives it to none") {
  const auto first = m_queue.enqueue(event_of("shop"), {Color::blue}).deployment.id;
  REQUIRE(m_queue.begin(first, Color::blue));
  const auto release = m_queue.add_release(first, release_of("shop", 'd'));
  const auto scale_to = [&](int replicas) {
    return m_queue.enqueue(
        {.event = event_of("shop"), .destination = Color::blue, .release = release, .replicas = replicas}, {});
  };
  const auto push = m_queue.enqueue(event_of("shop"), {Color::blue}).deployment.id;
  const auto restart = m_queue.enqueue(event_of("shop"), {Color::blue}, release, true).deployment.id;
  const auto older = scale_to(4);
  CHECK(older.superseded.empty());
  CHECK(older.deployment.from_release);
  const auto scaling = scale_to(2);
  CHECK(scaling.superseded == Ids{older.deployment.id});
  CHECK(m_history.deployment(scaling.deployment.id)->replicas == 2);
  CHECK(m_queue.enqueue(event_of("shop"), {Color::blue}).superseded == Ids{push, restart});
  CHECK_FALSE(m_queue.is_superseded(m_history.deployment(scaling.deployment.id).value()));
}
