#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "request/submission.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"
#include "unit/store/store_fixture.hpp"

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// A home with an app, where a runner that is started says so in a file, and ends.
class RequestFixture : public StoreFixture {
protected:
  RequestFixture() {
    const Installation installation{m_prefix};
    fs::create_directories(m_home.app("shop").logs());
    fs::create_directories(installation.tool().parent_path());
    write_file(installation.tool(), "#!/bin/sh\ntouch " + m_started.string() + "\n", 0755);
    write_file(m_home.settings(), "router: {kind: none}\n");
    set_deploy("{}");
  }

  void set_deploy(const std::string& deploy) const {
    write_file(m_home.app("shop").settings(),
               "colors: {blue: {port: 50101}, green: {port: 50100}}\ndeploy: " + deploy + "\n");
  }

  [[nodiscard]] Submission ask(const Destination& destination, std::int64_t release = 0) {
    return submit(m_place, m_who, {.event = event_of("shop"), .destination = destination, .release = release});
  }
  void freeze(const std::string& app) {
    m_store.traffic.set_freeze({.app = app, .who = "anna", .why = "stocktaking", .at = m_clock.time});
  }

  Home m_home{m_folder.path()};
  fs::path m_prefix = m_folder.path() / "prefix";
  fs::path m_started = m_folder.path() / "started";
  Store m_store{m_file, m_clock};
  Workplace m_place{m_home, inherited_environment(), {m_prefix}, m_store};
  Principal m_who{.kind = Principal::Kind::ssh_key,
                  .name = "laptop",
                  .grants = {{.app = "shop", .verbs = {Verb::push, Verb::rollback}}}};
};

} // namespace

TEST_CASE_METHOD(RequestFixture, "what is asked for is queued in its asker's name and a runner is started") {
  const Submission made = ask(Color::green);
  CHECK(made.deployment.id == 1);
  CHECK(made.deployment.status == Status::queued);
  CHECK(made.deployment.event.who == "key:laptop");
  CHECK(made.ahead.empty());
  CHECK(made.runner);
  CHECK_FALSE(made.runner_fault);
  CHECK_FALSE(made.freeze);
  CHECK(m_history.deployment(1).value().event.who == "key:laptop");
  wait_until([&] { return fs::exists(m_started); }, std::chrono::seconds(10), "the runner");
}

TEST_CASE_METHOD(RequestFixture, "no runner is started where one is at work and what runs is ahead") {
  const auto held = FileLock::try_acquire(m_home.app("shop").lock());
  const std::int64_t running = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(running, Color::blue));
  const std::int64_t older = m_queue.enqueue(event_of("shop"), Destination::idle()).deployment.id;
  const Submission made = ask(Destination::idle());
  CHECK_FALSE(made.runner);
  REQUIRE(made.ahead.size() == 1);
  CHECK(made.ahead[0].id == running);
  CHECK(made.superseded == std::vector{older});
}

TEST_CASE_METHOD(RequestFixture, "where no runner can be started it is stored all the same and said") {
  fs::remove(Installation{m_prefix}.tool());
  const Submission made = ask(Color::green);
  CHECK_FALSE(made.runner);
  CHECK(made.runner_fault);
  CHECK(status_of(made.deployment.id) == Status::queued);
}

TEST_CASE_METHOD(RequestFixture, "during a freeze what is asked for is kept and not deployed") {
  freeze("shop");
  const Submission made = ask(Color::green);
  REQUIRE(made.freeze);
  CHECK(made.freeze->why == "stocktaking");
  CHECK(made.deployment.status == Status::cancelled);
  CHECK(status_of(made.deployment.id) == Status::cancelled);
  CHECK_FALSE(m_queue.next("shop"));
  CHECK_FALSE(made.runner);
}

TEST_CASE_METHOD(RequestFixture, "a freeze of another app and one that is over hold nothing up") {
  freeze("blog");
  freeze("shop");
  REQUIRE(m_store.traffic.remove_freeze("shop", "ada"));
  CHECK(ask(Color::blue).deployment.status == Status::queued);
  CHECK(m_queue.next("shop"));
}

TEST_CASE_METHOD(RequestFixture, "a rollback is let through a freeze") {
  const std::int64_t earlier = m_queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_queue.begin(earlier, Color::blue));
  const std::int64_t release = m_queue.add_release(earlier, release_of("shop", 'a'));
  m_queue.finish(earlier, Status::ready, {});
  freeze("shop");
  const Submission made = ask(Color::blue, release);
  CHECK(made.deployment.status == Status::queued);
  CHECK(made.deployment.release == release);
}

TEST_CASE_METHOD(RequestFixture, "live without a router and a target that is not there are refused and not stored") {
  CHECK_THROWS_WITH(ask(Destination::live()), ContainsSubstring("there is no router that could move live traffic"));
  const std::string ports = "colors: {blue: {port: 50101}, green: {port: 50100}}\n";
  const auto heroku = Destination::parse("heroku").value();
  write_file(m_home.app("shop").settings(), ports);
  CHECK_THROWS_WITH(ask(heroku), "'shop' has no target 'heroku'; deploy to blue, green, idle or live");
  write_file(m_home.app("shop").settings(), ports + "targets: {site: {kind: git, url: /x}}\n");
  CHECK_THROWS_WITH(ask(heroku), "'shop' has no target 'heroku'; it has site");
  CHECK_FALSE(m_history.latest("shop"));
  write_file(m_home.settings(), "router: {kind: haproxy}\n");
  CHECK(ask(Destination::live()).deployment.destination == Destination::live());
  CHECK_FALSE(ask(Destination::parse("site").value()).deployment.color);
}

TEST_CASE_METHOD(RequestFixture, "who may not deploy is refused and nothing is stored") {
  m_who.grants = {{.app = "blog", .verbs = {Verb::deploy}}, {.app = "shop", .verbs = {Verb::rollback}}};
  CHECK_THROWS_WITH(ask(Color::blue), ContainsSubstring("key:laptop may not 'push' app 'shop'"));
  CHECK_FALSE(m_history.latest("shop"));
}

TEST_CASE_METHOD(RequestFixture, "what nobody asks for by hand waits for others and needs no second runner to wait") {
  set_deploy("{quiet: 5s, quiet_longest: 1m}");
  m_who.grants = {{.app = "shop", .verbs = {Verb::push, Verb::deploy, Verb::rollback}}};
  const Submission pushed = ask(Color::green);
  CHECK(pushed.deployment.due == m_clock.time + std::chrono::seconds(5));
  CHECK(pushed.runner);
  const auto waits = FileLock::try_acquire(m_home.app("shop").waiting_lock());
  CHECK_FALSE(ask(Color::green).runner);
  Event by_hand = event_of("shop");
  by_hand.trigger = Trigger::cli;
  const Submission asked = submit(m_place, m_who, {.event = by_hand, .destination = Color::green});
  CHECK_FALSE(asked.deployment.due);
  CHECK(asked.superseded.size() == 1);
  CHECK(asked.runner); // the one that waits works at nothing meanwhile
}

TEST_CASE_METHOD(RequestFixture,
                 "what is asked for of a paused app is queued and no runner is started before it is resumed") {
  m_store.queue.pause({.app = "shop", .who = "anna", .at = {}});
  const Submission made = ask(Color::green);
  CHECK(made.deployment.status == Status::queued);
  REQUIRE(made.pause);
  CHECK(made.pause->who == "anna");
  CHECK_FALSE(made.runner);
  CHECK_FALSE(fs::exists(m_started));
  const Resumption done = resume_queue(m_place, m_who, "shop");
  CHECK(done.was_paused);
  CHECK(done.waiting == 1);
  CHECK_FALSE(done.runner_fault);
  wait_until([&] { return fs::exists(m_started); }, std::chrono::seconds(10), "the runner");
  CHECK_FALSE(resume_queue(m_place, m_who, "shop").was_paused);
}

TEST_CASE_METHOD(RequestFixture, "of a resumed app that nothing waited of no runner is started") {
  m_store.queue.pause({.app = "shop", .who = "anna", .at = {}});
  fs::remove(Installation{m_prefix}.tool());
  const Resumption done = resume_queue(m_place, m_who, "shop");
  CHECK(done.was_paused);
  CHECK(done.waiting == 0);
  CHECK_FALSE(done.runner_fault);
}

TEST_CASE_METHOD(RequestFixture, "an image is new code for whoever asks, and what its settings name for a source") {
  Event event = event_of("shop");
  event.trigger = Trigger::cli;
  event.artifact = "localhost:5000/ci/shop:1.2";
  m_who.grants = {{.app = "shop", .verbs = {Verb::deploy}}};
  const auto ask_for = [&] { return submit(m_place, m_who, {.event = event, .destination = Color::green}); };
  CHECK_THROWS_AS(ask_for(), Error);
  m_who.grants = {{.app = "shop", .verbs = {Verb::push}}};
  CHECK(m_history.deployment(ask_for().deployment.id).value().event.artifact == event.artifact);
  m_who = {.kind = Principal::Kind::source, .name = "images", .grants = {{.app = "shop", .verbs = {Verb::deploy}}}};
  event.trigger = Trigger::registry;
  CHECK(ask_for().deployment.status == Status::queued);
}
