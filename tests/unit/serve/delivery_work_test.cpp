#include "process/file_lock.hpp"
#include "serve/backoff.hpp"
#include "serve/delivery_work.hpp"
#include "serve_fixture.hpp"
#include "unit/engine/scripted_api.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

namespace {

class DeliveryWorkFixture : public ServeFixture {
protected:
  DeliveryWorkFixture() {
    write("web/index.html", "1");
    m_first = commit("the first one");
  }

  std::int64_t deliver(const std::string& commit, const std::string& ref = "refs/heads/main") {
    const auto taken = m_store.deliveries.add({{.app = "shop",
                                                .source = "hub",
                                                .sender = fmt::format("id-{}", ++m_count),
                                                .refs = {{ref, commit}},
                                                .headers = {},
                                                .payload = {},
                                                .at = m_clock.time,
                                                .outcome = {}}});
    return taken.front().id;
  }
  std::optional<Milliseconds> work() { return m_work.work_off("shop", {}); }
  StoredDelivery outcome_of(std::int64_t id) { return m_store.deliveries.find(id).value(); }
  /// What comes of a delivery, in words.
  std::string deliver_and_work(const std::string& commit, const std::string& ref = "refs/heads/main",
                               DeliveryStatus status = DeliveryStatus::done) {
    const std::int64_t id = deliver(commit, ref);
    static_cast<void>(work());
    CHECK(outcome_of(id).status == status);
    return outcome_of(id).outcome;
  }
  /// Why one is refused.
  std::string refusal_of(const std::string& ref = "refs/heads/main") {
    return deliver_and_work(m_first, ref, DeliveryStatus::refused);
  }
  std::size_t deployments() { return m_store.history.deployments("shop", 100).size(); }

  serve::Metrics m_metrics{m_home.store()};
  serve::DeliveryWork m_work{{m_home, environment(), m_installation, m_clock, m_log, m_metrics}};
  std::string m_first;
  int m_count = 0;
};

} // namespace

TEST_CASE_METHOD(DeliveryWorkFixture,
                 "a delivery becomes a deployment of what its ref is at the source, in the source's name") {
  const std::int64_t id = deliver(std::string(40, 'b')); // which the source never had
  CHECK_FALSE(work());
  CHECK(outcome_of(id).outcome == fmt::format("'main' is {} now: deployment 1 to idle", m_first.substr(0, 7)));
  const Deployment made = m_store.history.deployment(1).value();
  CHECK(made.event.new_commit == m_first);
  CHECK(made.event.trigger == Trigger::webhook);
  CHECK(made.event.who == "source:hub");
  CHECK(made.event.subject == "the first one");
  CHECK(made.event.repository == m_home.app("shop").source_repository("hub"));
  CHECK(made.destination == Destination::idle());
  wait_until([this] { return called().find("runner shop") != std::string::npos; }, std::chrono::seconds(10),
             "a runner");
}

TEST_CASE_METHOD(DeliveryWorkFixture, "a trigger file's delivery comes through its own door") {
  set_sources("{name: hub, kind: file, folder: /drop, file: push, branch: main, url: " + source().string() + "}");
  CHECK_THAT(deliver_and_work(""), ContainsSubstring("deployment 1 to idle"));
  CHECK(m_store.history.deployment(1).value().event.trigger == Trigger::file);
  m_clock.time += std::chrono::seconds(1);
  CHECK_THAT(deliver_and_work(""), ContainsSubstring("it was asked for already, by deployment 1"));
  CHECK_THAT(refusal_of("refs/heads/next"), ContainsSubstring("is none of the branches 'main'"));
}

TEST_CASE_METHOD(DeliveryWorkFixture, "with redeploy each trigger file deploys and a killed worker's only once") {
  set_sources("{name: hub, kind: file, folder: /drop, file: push, branch: main, redeploy: true, url: " +
              source().string() + "}");
  CHECK_THAT(deliver_and_work(""), ContainsSubstring("deployment 1"));
  m_clock.time += std::chrono::seconds(1);
  CHECK_THAT(deliver_and_work(""), ContainsSubstring("deployment 2"));
  deliver(""); // of the same moment, as one that was not settled
  static_cast<void>(work());
  CHECK(deployments() == 2);
}

TEST_CASE_METHOD(DeliveryWorkFixture, "an older delivery does not move back what is newer and one fetch answers many") {
  write("web/index.html", "2");
  const std::string second = commit("the second one");
  const std::int64_t newer = deliver(second);
  const std::int64_t older = deliver(m_first); // came last
  static_cast<void>(work());
  CHECK(deployments() == 1);
  CHECK(m_store.history.deployment(1).value().event.new_commit == second);
  CHECK(outcome_of(newer).outcome == outcome_of(older).outcome);
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("it was asked for already, by deployment 1"));
  CHECK(deployments() == 1);
}

TEST_CASE_METHOD(DeliveryWorkFixture, "a worker that is killed before it settles a delivery deploys nothing twice") {
  deliver(m_first);
  static_cast<void>(work());
  const std::int64_t again = deliver(m_first); // as it would be found by the next one
  static_cast<void>(work());
  CHECK(deployments() == 1);
  CHECK_THAT(outcome_of(again).outcome, ContainsSubstring("deployment 1"));
}

TEST_CASE_METHOD(DeliveryWorkFixture, "a forced branch is followed and said to be forced") {
  static_cast<void>(deliver_and_work(m_first));
  git({"commit", "--quiet", "--amend", "-m", "another one"});
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("forced there: deployment 2"));
  git({"reset", "--quiet", "--hard", m_first});
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("deployment 3"));
}

TEST_CASE_METHOD(DeliveryWorkFixture, "rules decide, tags that moved are followed, and what is gone deploys nothing") {
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: " + source().string() + "}",
              "rules: [{branch: 'wip/*', deploy: none}, {branch: main, deploy: green}, {tag: 'v*', deploy: blue}]");
  git({"branch", "wip/a"});
  git({"tag", "v1"});
  CHECK_THAT(refusal_of("refs/heads/wip/a"), ContainsSubstring("rule 1 (branch wip/*) deploys nothing"));
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("to green"));
  CHECK_THAT(deliver_and_work(m_first, "refs/tags/v1"), ContainsSubstring("'v1' is") && ContainsSubstring("to blue"));
  write("web/index.html", "2");
  const std::string second = commit();
  git({"tag", "-f", "v1"});
  CHECK_THAT(deliver_and_work(second, "refs/tags/v1"), ContainsSubstring("deployment 3 to blue"));
  git({"tag", "-f", "v1", m_first});
  const std::string settings = read_file(m_home.app("shop").settings());
  write_file(m_home.app("shop").settings(), settings + "\nmoved_tags: keep\n");
  CHECK_THAT(refusal_of("refs/tags/v1"), ContainsSubstring("it was moved, and moved_tags is keep"));
  write_file(m_home.app("shop").settings(), settings);
  CHECK_THAT(refusal_of("refs/tags/v2"), ContainsSubstring("'v2' is not there"));
  CHECK(deployments() == 3);
}

TEST_CASE_METHOD(DeliveryWorkFixture,
                 "what was refused is told and counted, and deployed when it is sent again after that") {
  const std::string source_of_hub =
      "{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: " + source().string() + "}";
  set_sources(source_of_hub, "rules: [{branch: main, deploy: none}]");
  const std::int64_t id = deliver(m_first);
  static_cast<void>(work());
  CHECK(outcome_of(id).status == DeliveryStatus::refused);
  CHECK_THAT(logged(), ContainsSubstring("rule 1 (branch main) deploys nothing"));
  CHECK_THAT(m_metrics.text({}), ContainsSubstring("tealhook_deliveries_total{outcome=\"refused\"} 1\n"));
  set_sources(source_of_hub);
  --m_count; // it is sent again
  CHECK(deliver(m_first) == id);
  static_cast<void>(work());
  CHECK(outcome_of(id).status == DeliveryStatus::done);
  CHECK(deployments() == 1);
}

TEST_CASE_METHOD(DeliveryWorkFixture,
                 "of several refs of a delivery each is tried, and the worst outcome is the delivery's") {
  static_cast<void>(m_store.deliveries.add({{.app = "shop",
                                             .source = "hub",
                                             .sender = "both",
                                             .refs = {{"refs/heads/main", m_first}, {"refs/heads/gone", m_first}},
                                             .headers = {},
                                             .payload = {},
                                             .at = m_clock.time,
                                             .outcome = {}}}));
  static_cast<void>(work());
  CHECK(outcome_of(1).status == DeliveryStatus::refused);
  CHECK_THAT(outcome_of(1).outcome, ContainsSubstring("deployment 1") && ContainsSubstring("; 'gone' is not deployed"));
}

TEST_CASE_METHOD(DeliveryWorkFixture, "an app with many deliveries lets others have their turn") {
  for (int i = 0; i < 300; ++i) {
    deliver(m_first);
  }
  CHECK(work() == std::chrono::seconds(0));
  CHECK(m_store.deliveries.count_waiting() > 0);
  CHECK_FALSE(work());
  CHECK(m_store.deliveries.count_waiting() == 0);
  CHECK(deployments() == 1);
}

TEST_CASE_METHOD(DeliveryWorkFixture, "a clock that was ahead for a while keeps no delivery waiting") {
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: /nowhere}");
  const TimePoint right = m_clock.time;
  const std::int64_t id = deliver(m_first);
  m_clock.time += std::chrono::hours(24);
  CHECK(work() == std::chrono::seconds(5));
  m_clock.time = right;
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: " + source().string() + "}");
  CHECK_FALSE(work());
  CHECK(outcome_of(id).status == DeliveryStatus::done);
}

TEST_CASE_METHOD(DeliveryWorkFixture, "what hinders all of an app's deliveries is told once") {
  const std::int64_t id = deliver(m_first);
  m_store.database.handle().exec(
      "CREATE TRIGGER broken BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'no room'); END");
  CHECK(work() == std::chrono::seconds(30));
  CHECK(work() == std::chrono::seconds(30));
  const std::string log = logged();
  CHECK(log.find("no room") != std::string::npos);
  CHECK(log.find("deliveries wait") == log.rfind("deliveries wait"));
  m_store.database.handle().exec("DROP TRIGGER broken");
  CHECK_FALSE(work());
  CHECK(outcome_of(id).status == DeliveryStatus::done);
}

TEST_CASE_METHOD(DeliveryWorkFixture, "a commit that says so is skipped and the next one is not") {
  write("web/index.html", "2");
  commit("typo\n\n[Skip Deploy]");
  CHECK_THAT(refusal_of(), ContainsSubstring("its message says to skip it"));
  write("web/index.html", "3");
  commit("done");
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("deployment 1"));
}

TEST_CASE_METHOD(DeliveryWorkFixture, "only a change of the source's paths counts, since what was deployed well") {
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret, paths: ['web/**'], url: " +
              source().string() + "}");
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("deployment 1"));
  write("docs/a.md", "1");
  commit();
  CHECK_THAT(refusal_of(), ContainsSubstring("nothing changed of: web/**"));
  write("web/index.html", "2");
  commit();
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("deployment 2"));
  REQUIRE(m_store.queue.begin(2, Color::blue));
  m_store.queue.finish(2, Status::failed, {});
  write("docs/a.md", "2"); // and what failed has still to be deployed
  commit();
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("deployment 3"));
}

TEST_CASE_METHOD(DeliveryWorkFixture,
                 "a source that is away or refuses is asked again later and told once, and works once it is mended") {
  const std::string hidden = source().string() + ".hidden";
  set_sources(fmt::format(
      "{{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: 'ssh://git@127.0.0.1:1{}'}}", hidden));
  const std::int64_t id = deliver(m_first);
  const auto pause = work();
  CHECK(pause == std::chrono::seconds(5));
  CHECK(outcome_of(id).status == DeliveryStatus::waiting);
  m_clock.time += std::chrono::seconds(5);
  CHECK(work() == std::chrono::seconds(10));
  const std::string log = logged();
  CHECK(log.find("is tried again") == log.rfind("is tried again"));
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: " + source().string() + "}");
  m_clock.time += std::chrono::seconds(10);
  CHECK_FALSE(work());
  CHECK(outcome_of(id).status == DeliveryStatus::done);
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: " + hidden + "}");
  const std::int64_t refused = deliver(m_first);
  const std::int64_t other = deliver(m_first, "refs/heads/other");
  CHECK(work() == std::chrono::seconds(5));
  CHECK(outcome_of(refused).status == DeliveryStatus::waiting);
  CHECK_THAT(outcome_of(refused).outcome, ContainsSubstring("cannot fetch from '" + hidden + "'"));
  CHECK(outcome_of(other).outcome == outcome_of(refused).outcome);
  std::filesystem::rename(source(), hidden); // as if it let us in now
  m_clock.time += std::chrono::seconds(5);
  CHECK_FALSE(work());
  CHECK(outcome_of(refused).status == DeliveryStatus::done);
  CHECK_THAT(outcome_of(refused).outcome, ContainsSubstring("it was asked for already, by deployment 1"));
  std::filesystem::rename(hidden, source());
  CHECK(serve::backoff(100) == std::chrono::minutes(10));
}

TEST_CASE_METHOD(DeliveryWorkFixture, "settings that are wrong keep deliveries waiting until they are mended") {
  const std::string before = read_file(m_home.app("shop").settings());
  write_file(m_home.app("shop").settings(), "sources: [\n");
  const std::int64_t id = deliver(m_first);
  CHECK(work() == std::chrono::seconds(5));
  CHECK(outcome_of(id).status == DeliveryStatus::waiting);
  write_file(m_home.app("shop").settings(), before);
  m_clock.time += std::chrono::seconds(5);
  CHECK_FALSE(work());
  CHECK(outcome_of(id).status == DeliveryStatus::done);
  set_sources("");
  const std::int64_t orphan = deliver(m_first);
  static_cast<void>(work());
  CHECK(outcome_of(orphan).status == DeliveryStatus::failed);
  CHECK(outcome_of(orphan).outcome == "there is no source 'hub' in app.yml any more");
}

TEST_CASE_METHOD(DeliveryWorkFixture, "a frozen app records what is asked for and says so") {
  m_store.traffic.set_freeze({.app = "shop", .who = "anna", .why = "stocktaking", .at = m_clock.time});
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("kept back: frozen by anna"));
  CHECK(m_store.history.deployment(1).value().status == Status::cancelled);
}

TEST_CASE_METHOD(DeliveryWorkFixture, "a delivery that was refused is tried, and then worked off, once more") {
  const std::string source_of_hub =
      "{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: " + source().string() + "}";
  set_sources(source_of_hub, "rules: [{branch: main, deploy: none}]");
  const std::int64_t id = deliver(m_first);
  static_cast<void>(work());
  REQUIRE(outcome_of(id).status == DeliveryStatus::refused);
  set_sources(source_of_hub);
  const auto trial = m_work.replay(m_store, outcome_of(id), true);
  CHECK(trial.status == DeliveryStatus::done);
  CHECK_THAT(trial.outcome, ContainsSubstring("it would be deployed to idle"));
  CHECK(deployments() == 0);
  const auto settled = m_work.replay(m_store, outcome_of(id), false);
  CHECK(settled.deployment == 1);
  CHECK(deployments() == 1);
  CHECK_THAT(m_work.replay(m_store, outcome_of(id), false).outcome,
             ContainsSubstring("it was asked for already, by deployment 1"));
  CHECK(deployments() == 1);
}

TEST_CASE_METHOD(DeliveryWorkFixture, "a delivery knows the deployment that it came to and one that waits says why") {
  m_store.queue.pause({.app = "shop", .who = "anna", .at = {}});
  const std::int64_t id = deliver(m_first);
  static_cast<void>(work());
  CHECK(outcome_of(id).deployment == 1);
  CHECK_THAT(outcome_of(id).outcome, ContainsSubstring("deployment 1 to idle, which waits: paused by anna"));
  const std::int64_t again = deliver(m_first);
  static_cast<void>(work());
  CHECK(outcome_of(again).deployment == 1);
}

TEST_CASE_METHOD(DeliveryWorkFixture, "what a poll found is deployed by that door unless it was asked for by another") {
  set_sources("{name: hub, kind: poll, branch: main, url: " + source().string() + "}");
  Event event = event_of("shop");
  event.new_commit = m_first;
  m_store.queue.enqueue(event, Color::blue); // a push
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("it was asked for already, by deployment 1"));
  write("web/index.html", "2");
  const std::string second = commit();
  CHECK_THAT(deliver_and_work(second), ContainsSubstring("deployment 2"));
  CHECK(m_store.history.deployment(2).value().event.trigger == Trigger::poll);
  git({"reset", "--quiet", "--hard", m_first});
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("forced there: deployment 3"));
}

TEST_CASE_METHOD(DeliveryWorkFixture, "what is live already is not what a first poll deploys") {
  set_sources("{name: hub, kind: poll, branch: main, url: " + source().string() + "}");
  Event event = event_of("shop");
  event.new_commit = m_first;
  const auto id = m_store.queue.enqueue(event, Color::blue).deployment.id;
  m_store.queue.enqueue(event_of("shop"), Color::green); // of another commit
  m_store.traffic.move(
      {.app = "shop", .color = Color::blue, .release = 1, .deployment = id, .commit = m_first, .who = "", .at = {}});
  CHECK_THAT(deliver_and_work(m_first), ContainsSubstring("it was asked for already, by deployment 1"));
}

TEST_CASE_METHOD(DeliveryWorkFixture, "another process that is at it is waited for") {
  deliver(m_first);
  {
    const auto lock = FileLock::try_acquire(m_home.app("shop").delivery_lock());
    REQUIRE(lock);
    CHECK(work() == serve::DeliveryWork::k_beside);
    CHECK(deployments() == 0);
  }
  CHECK_FALSE(work());
  CHECK(deployments() == 1);
}

namespace {

const std::string k_digest = "sha256:" + std::string(64, 'd');

/// An app whose source "hub" is an image, and an engine that knows what a registry has.
class ImageDeliveryFixture : public DeliveryWorkFixture {
protected:
  ImageDeliveryFixture() {
    write_file(m_home.settings(), "router: {kind: none}\nengine: {host: 'tcp://" + m_api.address() + "'}\n");
    set_image();
  }
  void set_image(const std::string& more = "") const {
    set_sources("{name: hub, kind: registry, secret_file: hub.secret, tag: 's*', image: 'localhost:5000/ci/shop'}",
                more);
  }
  std::string push(const std::string& tag, DeliveryStatus status = DeliveryStatus::done) {
    return deliver_and_work(m_there, "ci/shop:" + tag, status);
  }

  std::string m_there = k_digest; ///< empty: nothing
  engine::ScriptedApi m_api{[this](const std::string&, const std::string&) {
    return m_there.empty() ? engine::ScriptedAnswer{.status = 404, .body = "{}"}
                           : engine::ScriptedAnswer{.body = R"({"Descriptor":{"digest":")" + m_there + R"("}})"};
  }};
};

} // namespace

TEST_CASE_METHOD(ImageDeliveryFixture,
                 "a pushed image is deployed by the digest that its tag has at the registry now") {
  CHECK(push("stable") == "'localhost:5000/ci/shop:stable' is sha256:dddddddddddd now: deployment 1 to idle");
  const Deployment made = m_store.history.deployment(1).value();
  CHECK(made.event.trigger == Trigger::registry);
  CHECK(made.event.artifact == "localhost:5000/ci/shop@" + k_digest);
  CHECK(made.event.ref == "localhost:5000/ci/shop:stable");
  CHECK(made.event.who == "source:hub");
  CHECK_THAT(push("stable"), ContainsSubstring("it was asked for already, by deployment 1"));
  m_there = "sha256:" + std::string(64, 'e');
  CHECK_THAT(push("stable"), ContainsSubstring("deployment 2"));
}

TEST_CASE_METHOD(ImageDeliveryFixture,
                 "an image goes where a rule of its tag says and nowhere if it is not waited for") {
  set_image("rules: [{tag: 'slow*', deploy: none}, {tag: 'stable*', deploy: green}, {branch: main, deploy: blue}]");
  CHECK_THAT(push("slow", DeliveryStatus::refused), ContainsSubstring("deploys nothing"));
  CHECK_THAT(push("stable-2"), ContainsSubstring("to green"));
  CHECK_THAT(push("spare"), ContainsSubstring("to idle")); // which no rule is about
  CHECK_THAT(push("latest", DeliveryStatus::refused), ContainsSubstring("is not what the source waits for"));
  CHECK_THAT(deliver_and_work("", "other/shop:stable", DeliveryStatus::refused),
             ContainsSubstring("not what the source waits for"));
}

TEST_CASE_METHOD(ImageDeliveryFixture,
                 "a tag that is told before it is moved is waited for, and one that is older is passed by") {
  m_there = "";
  const std::int64_t id = deliver(k_digest, "ci/shop:stable");
  CHECK(work() == std::chrono::seconds(5));
  CHECK_THAT(outcome_of(id).outcome, ContainsSubstring("is not there yet"));
  m_there = k_digest;
  m_clock.time += std::chrono::seconds(5);
  CHECK_FALSE(work());
  CHECK_THAT(outcome_of(id).outcome, ContainsSubstring("deployment 1"));
  const std::int64_t older = deliver("sha256:" + std::string(64, '0'), "ci/shop:stable");
  CHECK_FALSE(work());
  CHECK_THAT(outcome_of(older).outcome, ContainsSubstring("it was asked for already, by deployment 1"));
  m_there = "";
  const std::int64_t gone = deliver(k_digest, "ci/shop:stable");
  m_clock.time += std::chrono::minutes(2);
  CHECK_FALSE(work());
  CHECK(outcome_of(gone).status == DeliveryStatus::refused);
}
