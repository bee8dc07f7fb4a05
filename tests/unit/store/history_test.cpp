#include "store/history.hpp"
#include "store/traffic.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

TEST_CASE_METHOD(StoreFixture, "a history that has nothing answers nothing") {
  CHECK_FALSE(m_history.deployment(1));
  CHECK_FALSE(m_history.latest("shop"));
  CHECK_FALSE(m_history.latest("shop", Color::blue));
  CHECK_FALSE(m_history.current("shop", Color::blue));
  CHECK_FALSE(m_history.release(1));
  CHECK(m_history.deployments("shop", 10).empty());
  CHECK(m_history.releases("shop").empty());
}

TEST_CASE_METHOD(StoreFixture, "deployments come newest first, of that app, and no more than asked for") {
  const auto first = deploy("shop", Color::blue, Status::ready);
  deploy("blog", Color::blue, Status::ready);
  const auto second = deploy("shop", Color::green, Status::failed);
  const auto third = deploy("shop", Color::blue, Status::live);

  const auto all = m_history.deployments("shop", 10);
  REQUIRE(all.size() == 3);
  CHECK(all[0].id == third);
  CHECK(all[1].id == second);
  CHECK(all[2].id == first);
  CHECK(m_history.deployments("shop", 2).size() == 2);
  CHECK(m_history.deployments("shop", 0).empty());
}

TEST_CASE_METHOD(StoreFixture, "the current deployment of a color is its newest that succeeded") {
  deploy("shop", Color::blue, Status::ready);
  const auto current = deploy("shop", Color::blue, Status::live);
  const auto failed = deploy("shop", Color::blue, Status::failed);
  const auto green = deploy("shop", Color::green, Status::failed);

  CHECK(m_history.current("shop", Color::blue).value().id == current);
  CHECK(m_history.latest("shop", Color::blue).value().id == failed);
  CHECK(m_history.latest("shop").value().id == green);
  CHECK_FALSE(m_history.current("shop", Color::green));
  const auto waiting = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  CHECK(m_history.latest("shop", Color::blue).value().id == waiting);
}

TEST_CASE_METHOD(StoreFixture, "a target without colors has deployments and releases of its own") {
  const Destination heroku = Destination::parse("heroku").value();
  const auto deploy_there = [&](Status status) {
    const auto id = m_queue.enqueue(event_of("shop"), heroku).deployment.id;
    REQUIRE(m_queue.begin(id, std::nullopt));
    Release release = release_of("shop", 'a');
    release.target = "heroku";
    m_queue.add_release(id, release);
    m_queue.finish(id, status, {.text = ""});
    return id;
  };
  CHECK_FALSE(m_history.current_at("shop", heroku));
  const auto current = deploy_there(Status::live);
  const auto blue = deploy("shop", Color::blue, Status::live);
  const auto failed = deploy_there(Status::failed);
  CHECK(m_history.current_at("shop", heroku).value().id == current);
  CHECK(m_history.latest_at("shop", heroku).value().id == failed);
  CHECK(m_history.latest("shop").value().id == failed);
  CHECK(m_history.latest_on_a_color("shop").value().id == blue);
  CHECK(m_history.releases_of("shop", "heroku").size() == 1);
  CHECK(m_history.releases_of("shop", k_docker_target).size() + 1 == m_history.releases("shop").size());
}

TEST_CASE_METHOD(StoreFixture, "what was asked for last is the newest commit whatever became of it and no rollback") {
  CHECK_FALSE(m_history.last_asked("shop"));
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(id, Color::blue));
  const auto release = m_queue.add_release(id, release_of("shop", 'a'));
  const auto failed = deploy("shop", Color::green, Status::failed);
  m_queue.enqueue(event_of("shop"), Color::blue, release);
  CHECK(m_history.last_asked("shop").value().id == failed);
}

TEST_CASE_METHOD(
    StoreFixture,
    "releases come newest first whatever the clock says, and one that is forgotten leaves its deployment's "
    "history") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(id, Color::blue));
  const auto older_id = m_queue.add_release(id, release_of("shop", 'b'));
  Release newer = release_of("shop", 'a');
  newer.created -= std::chrono::hours(2); // the clock was set back
  const auto newer_id = m_queue.add_release(id, newer);

  const auto releases = m_history.releases("shop");
  REQUIRE(releases.size() == 2);
  CHECK(releases[0].id == newer_id);
  CHECK(releases[0].identity == newer.identity);
  CHECK(releases[1].id == older_id);

  CHECK(releases[0].target == "docker");

  m_history.forget_release(newer_id);
  CHECK_FALSE(m_history.release(newer_id));
  CHECK(m_history.deployment(id).value().release == 0);
  CHECK(m_history.releases("shop").size() == 1);
}

TEST_CASE_METHOD(StoreFixture, "a forgotten app leaves no row, takes no other's, and its ids are not used again") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(id, Color::blue));
  m_queue.begin_step(id, StepName::checkout);
  m_queue.add_release(id, release_of("shop", 'a'));
  m_history.forget_app("shop");
  for (const char* table : {"events", "deployments", "steps", "releases"}) {
    CHECK(m_database.handle().execAndGet(std::string("SELECT count(*) FROM ") + table).getInt() == 0);
  }

  const auto next = m_queue.enqueue(event_of("blog"), Color::blue).deployment.id;
  CHECK(next > id);
  m_history.forget_app("shop");
  CHECK(m_history.deployment(next).has_value());
}

TEST_CASE_METHOD(StoreFixture, "a release has succeeded once any deployment of it ended well") {
  const auto id = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(id, Color::blue));
  const auto release = m_queue.add_release(id, release_of("shop", 'a'));
  CHECK_FALSE(m_history.has_succeeded(release));
  m_queue.finish(id, Status::ready, {});
  CHECK(m_history.has_succeeded(release));
}

TEST_CASE_METHOD(StoreFixture, "what a freeze held is told of each destination unless something newer came there") {
  TrafficLog traffic(m_database, m_clock);
  m_queue.enqueue(event_of("shop"), Color::green);
  traffic.set_freeze({.app = "shop", .who = "ann", .why = "before", .at = {}});
  traffic.remove_freeze("shop", "ada");
  deploy("shop", Color::green, Status::ready);
  m_clock.time += Milliseconds(10);
  traffic.set_freeze({.app = "shop", .who = "ann", .why = "stocktaking", .at = {}});
  const TimePoint since = traffic.freeze("shop").value().at;
  CHECK(m_history.held("shop", since).empty());
  m_queue.enqueue(event_of("shop"), Color::blue);
  const auto blue = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  const auto live = m_queue.enqueue(event_of("shop"), Destination::live()).deployment.id;
  m_queue.enqueue(event_of("blog"), Color::blue);
  const auto held = m_history.held("shop", since);
  REQUIRE(held.size() == 2);
  CHECK(held[0].id == blue);
  CHECK(held[1].id == live);
  traffic.remove_freeze("shop", "ada");
  m_queue.enqueue(event_of("shop"), Color::blue);
  CHECK(m_history.held("shop", since).size() == 1);
}

TEST_CASE_METHOD(StoreFixture, "the repositories of an app are those of its events and the newest one's comes first") {
  Event event = event_of("shop");
  m_queue.enqueue(event, Color::blue);
  event.repository = "/srv/git/own.git";
  m_queue.enqueue(event, Color::blue);
  m_queue.enqueue(event, Color::blue);
  event.repository = ""; // of an image
  m_queue.enqueue(event, Color::blue);
  CHECK(m_history.repositories("shop") ==
        std::vector<std::string>{"/srv/git/own.git", "/srv/tealhook/apps/shop/blue.git"});
  CHECK(m_history.repositories("blog").empty());
}

TEST_CASE_METHOD(StoreFixture, "deployments of several apps come in pages, newest first") {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 6; ++i) {
    ids.push_back(deploy(i % 2 == 0 ? "shop" : "blog", Color::blue, i < 2 ? Status::failed : Status::ready));
  }
  static_cast<void>(deploy("other", Color::blue, Status::ready));
  const auto list = [&](const DeploymentFilter& filter) {
    std::vector<std::int64_t> found;
    for (const Deployment& one : m_history.deployments(filter)) {
      found.push_back(one.id);
    }
    return found;
  };
  CHECK(list({.apps = {"shop", "blog"}, .limit = 4}) == std::vector{ids[5], ids[4], ids[3], ids[2]});
  CHECK(list({.apps = {"shop", "blog"}, .before = ids[2], .limit = 4}) == std::vector{ids[1], ids[0]});
  CHECK(list({.apps = {"blog"}}) == std::vector{ids[5], ids[3], ids[1]});
  CHECK(list({.apps = {"blog", "shop"}, .status = Status::failed}) == std::vector{ids[1], ids[0]});
  CHECK(list({.apps = {}}).empty());
}
