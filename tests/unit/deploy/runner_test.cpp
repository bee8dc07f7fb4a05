#include "deploy/build_lock.hpp"
#include "deploy/runner.hpp"
#include "request/cancel_mark.hpp"
#include "support/scripted_home.hpp"
#include "support/wait_until.hpp"

#include <atomic>
#include <thread>

using namespace teal;

namespace {

constexpr std::chrono::seconds k_patience(20);

template <class Base>
class RunnerTest : public Base {
protected:
  using Base::Base;

  /// In a thread, with a store and a clock of its own, as another process does it.
  [[nodiscard]] std::jthread runner() {
    return std::jthread([this] {
      Store store(this->m_home.store(), this->m_clock);
      try {
        Runner(this->m_home, clean_environment(), store, this->kinds()).drain("shop");
      } catch (const Error&) { // what it could not do is in the store, too
      }
    });
  }
  void await_waiting() const {
    wait_until([this] { return FileLock::is_held(this->m_home.app("shop").waiting_lock()); }, k_patience,
               "the runner to wait");
  }
  /// As a push to a quiet app asks for it.
  Deployment enqueue_quiet(Milliseconds pause) {
    const Deployment asked = this->enqueue(Color::green);
    REQUIRE(this->m_store.queue.cancel(asked.id, "the test"));
    return this->m_store.queue
        .enqueue({.event = asked.event, .destination = Color::blue}, {.pause = pause, .longest = pause})
        .deployment;
  }

  void drain() { Runner(this->m_home, clean_environment(), this->m_store, this->kinds()).drain("shop"); }

  /// A deployment to blue as a runner leaves it that is killed at that step.
  Deployment killed_at(StepName step, const Destination& destination = Color::blue, Color color = Color::blue) {
    const Deployment deployment = this->begin(this->enqueue(destination), color);
    this->m_store.queue.begin_step(deployment.id, step);
    return deployment;
  }
  /// With the successor that it had started.
  Running successor_of(const Deployment& deployment) {
    return this->m_world->start_next(scripted_running("shop", deployment.color.value(), deployment.id, 0));
  }
  [[nodiscard]] Status status_of(std::int64_t id) const { return this->stored(id).status; }
};

using PlainRunner = RunnerTest<ScriptedHome>;
using RoutedRunner = RunnerTest<RoutedHome>;

const std::vector<std::string> k_whole{"checkout done", "build done", "publish done", "pull done",
                                       "start done",    "check done", "retire done"};

} // namespace

TEST_CASE_METHOD(PlainRunner, "a runner works the queue in its order until nothing is left") {
  const Deployment first = enqueue(Color::green);
  const Deployment second = enqueue(Color::blue);
  std::vector<std::string> begun;
  m_world->at("settle shop-green", [&] { begun.emplace_back("green"); });
  m_world->at("settle shop-blue", [&] { begun.emplace_back("blue"); });
  drain();
  CHECK(begun == std::vector<std::string>{"green", "blue"});
  CHECK(status_of(first.id) == Status::ready);
  CHECK(status_of(second.id) == Status::ready);
  CHECK_FALSE(m_store.queue.next("shop"));
  CHECK_FALSE(FileLock::is_held(m_home.app("shop").lock()));
}

TEST_CASE_METHOD(PlainRunner,
                 "what a deployment replaced takes its leave as steps of it and is gone when the runner ends") {
  const Deployment before = serve(Color::blue);
  const Deployment deployment = enqueue(Color::blue);
  drain();
  CHECK(steps_of(deployment.id) == k_whole);
  CHECK(m_world->was_called(fmt::format("end shop-blue-{}", before.id)));
  CHECK(m_world->retired().empty());
  CHECK(m_store.queue.unfinished("shop").empty());
}

TEST_CASE_METHOD(PlainRunner, "what came while the last one took its leave is deployed by the same runner") {
  const Deployment before = serve(Color::blue);
  const Deployment first = enqueue(Color::blue);
  std::atomic<bool> once = false;
  m_world->at(fmt::format("end shop-blue-{}", before.id), [&] {
    if (!once.exchange(true)) {
      Store other(m_home.store(), m_clock); // this is the farewell's thread
      other.queue.enqueue(stored(first.id).event, Color::green);
    }
  });
  drain();
  CHECK(status_of(first.id) == Status::ready);
  CHECK(status_of(first.id + 1) == Status::ready);
  CHECK(m_world->current("shop", Color::green));
}

TEST_CASE_METHOD(PlainRunner, "a deployment that fails does not keep the next one from its turn") {
  m_world->at("build", [&] {
    m_world->at("build", {});
    throw Error(ErrorKind::environment, "no such base image");
  });
  const Deployment first = enqueue(Color::green);
  const Deployment second = enqueue(Color::blue);
  drain();
  CHECK(status_of(first.id) == Status::failed);
  CHECK(status_of(second.id) == Status::ready);
}

TEST_CASE_METHOD(PlainRunner, "where another runner holds the app's lock nothing is touched") {
  const auto held = FileLock::try_acquire(m_home.app("shop").lock());
  const Deployment deployment = enqueue(Color::blue);
  drain();
  CHECK(status_of(deployment.id) == Status::queued);
  CHECK(m_world->calls().empty());
}

TEST_CASE_METHOD(PlainRunner, "what is superseded while it waits for another app's build never begins") {
  set_server_settings("limits: {builds: 1}\n");
  auto build = FileLock::try_acquire(m_home.build_locks() / "build-0.lock");
  REQUIRE(build);
  const Deployment older = enqueue(Color::blue);
  std::jthread runner([this] {
    Store store(m_home.store(), m_clock);
    Runner(m_home, clean_environment(), store, kinds()).drain("shop");
  });
  const auto waits = [&] {
    return std::filesystem::exists(m_home.app("shop").log(older.id)) &&
           log_of(older.id).find("waiting for another app's build to end: limits.builds is 1") != std::string::npos;
  };
  wait_until(waits, k_patience, "the runner to wait");
  const Deployment newer = enqueue(Color::blue);
  build.reset();
  runner.join();
  CHECK(status_of(older.id) == Status::superseded);
  CHECK(steps_of(older.id).empty());
  CHECK(status_of(newer.id) == Status::ready);
}

TEST_CASE_METHOD(PlainRunner, "a build lock is let go once all is built and published") {
  set_server_settings("limits: {builds: 1}\n");
  enqueue(Color::blue);
  m_world->at("build", [&] { CHECK(FileLock::is_held(m_home.build_locks() / "build-0.lock")); });
  m_world->at("publish", [&] { CHECK(FileLock::is_held(m_home.build_locks() / "build-0.lock")); });
  m_world->at("check", [&] { CHECK_FALSE(FileLock::is_held(m_home.build_locks() / "build-0.lock")); });
  drain();
  CHECK(m_world->was_called("check"));
}

TEST_CASE_METHOD(PlainRunner, "settings of the home that do not parse fail what waits and say so in its log") {
  set_server_settings("limits: {builds: many}\n");
  const Deployment first = enqueue(Color::blue);
  const Deployment second = enqueue(Color::green);
  CHECK_THROWS_WITH(drain(), ContainsSubstring("limits.builds"));
  for (const std::int64_t id : {first.id, second.id}) {
    CHECK(status_of(id) == Status::failed);
    CHECK_THAT(stored(id).outcome, ContainsSubstring("limits.builds"));
    CHECK_THAT(log_of(id), ContainsSubstring("FAILED   nothing was touched") && ContainsSubstring("again: tealhook"));
  }
  CHECK_FALSE(m_world->was_called("roll out"));
}

TEST_CASE_METHOD(PlainRunner, "settings of the home that changed while a deployment waited are those it runs with") {
  set_server_settings("limits: {builds: 1}\n");
  enqueue(Color::blue);
  const Deployment second = enqueue(Color::green);
  std::optional<FileLock> another; // app's build: with limits.builds: 1, the second would wait for it
  m_world->at("take over", [&] {
    m_world->at("take over", {});
    set_server_settings("limits: {builds: 2}\n");
    another = FileLock::try_acquire(m_home.build_locks() / "build-0.lock");
    REQUIRE(another);
  });
  drain();
  CHECK(status_of(second.id) == Status::ready);
}

TEST_CASE_METHOD(PlainRunner, "only as many releases are kept as the app's settings say and none that runs is lost") {
  write_file(m_home.app("shop").settings(), std::string(k_scripted_settings) + "deploy: {keep_releases: 1}\n");
  const Deployment oldest = serve(Color::blue);
  const Deployment green = serve(Color::green);
  enqueue(Color::blue);
  drain();
  CHECK(m_world->was_called(fmt::format("discard {}", oldest.release)));
  CHECK_FALSE(m_store.history.release(oldest.release));
  CHECK(m_store.history.release(green.release)); // it runs
}

TEST_CASE_METHOD(PlainRunner, "a release that cannot be discarded now is the next runner's to discard") {
  write_file(m_home.app("shop").settings(), std::string(k_scripted_settings) + "deploy: {keep_releases: 1}\n");
  const Deployment oldest = serve(Color::blue);
  m_world->at(fmt::format("discard {}", oldest.release), failing("the registry is away"));
  const Deployment deployment = enqueue(Color::blue);
  drain();
  CHECK(status_of(deployment.id) == Status::ready);
  CHECK(m_store.history.release(oldest.release));
  m_world->at(fmt::format("discard {}", oldest.release), {});
  drain();
  CHECK_FALSE(m_store.history.release(oldest.release));
}

TEST_CASE_METHOD(PlainRunner,
                 "a deployment whose runner was killed at a step is undone and runs again from its beginning") {
  const StepName step = GENERATE(StepName::checkout, StepName::build, StepName::publish, StepName::pull,
                                 StepName::start, StepName::check);
  INFO(to_string(step));
  const Deployment before = serve(Color::blue);
  const Deployment killed = killed_at(step);
  if (step == StepName::start || step == StepName::check) {
    successor_of(killed);
  }
  m_world->at("checkout", [&] {
    CHECK_FALSE(m_world->next("shop", Color::blue));
    CHECK(current_id(Color::blue) == fmt::format("shop-blue-{}", before.id));
  });
  drain();
  CHECK(status_of(killed.id) == Status::ready);
  CHECK(stored(killed.id).attempts == 2);
  CHECK(steps_of(killed.id) == k_whole);
  CHECK_THAT(log_of(killed.id), ContainsSubstring("what it had begun is undone, and the deployment starts again"));
}

TEST_CASE_METHOD(PlainRunner, "a deployment whose runners were killed twice is not tried a third time") {
  const Deployment before = serve(Color::blue);
  const Deployment killed = killed_at(StepName::build);
  m_store.queue.begin_again(killed.id);
  m_store.queue.begin_step(killed.id, StepName::build);
  drain();
  CHECK(status_of(killed.id) == Status::failed);
  CHECK(stored(killed.id).outcome == "its runner was killed 2 times");
  CHECK(steps_of(killed.id) == std::vector<std::string>{"build failed"});
  CHECK_THAT(log_of(killed.id), ContainsSubstring("blue still runs") && ContainsSubstring("again: tealhook deploy"));
  CHECK(current_id(Color::blue) == fmt::format("shop-blue-{}", before.id));
}

TEST_CASE_METHOD(PlainRunner, "a taking over that was done and not stored is stored and what it replaced goes") {
  const Deployment killed = killed_at(StepName::check);
  m_world->serve("shop", Color::blue, killed.id);
  m_world->retire(scripted_running("shop", Color::blue, 77, 0));
  drain();
  CHECK(status_of(killed.id) == Status::ready);
  CHECK_THAT(stored(killed.id).outcome, ContainsSubstring(":50101/"));
  CHECK_THAT(log_of(killed.id), ContainsSubstring("its runner was killed before it could say so"));
  CHECK(m_world->was_called("end shop-blue-77"));
  CHECK_FALSE(m_world->was_called("roll out"));
  CHECK(m_store.queue.unfinished("shop").empty());
}

TEST_CASE_METHOD(PlainRunner, "a killed deployment that a newer one waits for is undone and does not run again") {
  const Deployment killed = killed_at(StepName::start);
  successor_of(killed);
  const Deployment newer = enqueue(Color::blue);
  drain();
  CHECK(status_of(killed.id) == Status::superseded);
  CHECK(status_of(newer.id) == Status::ready);
  CHECK(current_id(Color::blue) == fmt::format("shop-blue-{}", newer.id));
}

TEST_CASE_METHOD(PlainRunner, "a deployment that was cancelled before its runner was killed stays cancelled") {
  const Deployment before = serve(Color::blue);
  const Deployment killed = killed_at(StepName::start);
  successor_of(killed);
  const CancelMark mark(m_home.app("shop"), killed.id);
  REQUIRE(mark.ask("anna"));
  drain();
  CHECK(status_of(killed.id) == Status::cancelled);
  CHECK(stored(killed.id).outcome == "cancelled by anna");
  CHECK(current_id(Color::blue) == fmt::format("shop-blue-{}", before.id));
  CHECK_FALSE(m_world->next("shop", Color::blue));
  CHECK_FALSE(mark.who());
}

TEST_CASE_METHOD(PlainRunner, "a deployment that runs again after its taking over was undone can be cancelled again") {
  const Deployment killed = killed_at(StepName::check);
  successor_of(killed);
  const CancelMark mark(m_home.app("shop"), killed.id);
  REQUIRE(mark.close()); // it was about to take over
  bool is_cancelled = false;
  m_world->at("build", [&] { is_cancelled = mark.ask("anna"); });
  drain();
  CHECK(is_cancelled);
  CHECK(status_of(killed.id) == Status::cancelled);
}

TEST_CASE_METHOD(PlainRunner, "a leave that was cut short is taken by the next runner") {
  const Deployment killed = begin(enqueue(Color::blue), Color::blue);
  m_store.queue.finish(killed.id, Status::ready, {});
  m_store.queue.begin_step(killed.id, StepName::retire);
  m_world->serve("shop", Color::blue, killed.id);
  m_world->retire(scripted_running("shop", Color::blue, 77, 0));
  drain();
  CHECK(m_world->retired().empty());
  CHECK(status_of(killed.id) == Status::ready);
  CHECK(steps_of(killed.id) == std::vector<std::string>{"retire done"});
}

TEST_CASE_METHOD(PlainRunner, "a slot that cannot be settled keeps what a killed runner left for the next one") {
  const Deployment killed = killed_at(StepName::start);
  successor_of(killed);
  const Deployment waits = enqueue(Color::green);
  m_world->at("settle shop-blue", failing("no engine answers"));
  CHECK_THROWS_WITH(drain(), ContainsSubstring("no engine answers"));
  CHECK(status_of(killed.id) == Status::running);
  CHECK(status_of(waits.id) == Status::failed); // and its pusher is told
  m_world->at("settle shop-blue", {});
  drain();
  CHECK(status_of(killed.id) == Status::ready);
}

TEST_CASE_METHOD(RoutedRunner, "the color of a deployment to the idle one is chosen when it begins") {
  serve(Color::blue);
  serve(Color::green);
  go_live(Color::blue);
  const Deployment deployment = enqueue(Destination::idle());
  go_live(Color::green); // while it waited
  drain();
  CHECK(stored(deployment.id).color == Color::blue);
  CHECK(stored(deployment.id).status == Status::ready);
  CHECK(m_routes->behind("shop", "live") == std::vector{current_id(Color::green)});
}

TEST_CASE_METHOD(RoutedRunner, "two live deployments one after the other take turns between the colors") {
  serve(Color::blue);
  go_live(Color::blue);
  const Deployment first = enqueue(Destination::live());
  m_world->at("take over", [&] {
    m_world->at("take over", {});
    enqueue(Destination::live());
  });
  drain();
  CHECK(stored(first.id).color == Color::green);
  CHECK(stored(first.id + 1).color == Color::blue);
  CHECK(m_routes->behind("shop", "live") == std::vector{current_id(Color::blue)});
  CHECK(m_world->retired().empty());
}

TEST_CASE_METHOD(RoutedRunner, "a move of traffic that was done and not stored is stored as live") {
  serve(Color::blue);
  go_live(Color::blue);
  const Deployment killed = killed_at(StepName::switch_, Destination::live(), Color::green);
  m_world->serve("shop", Color::green, killed.id);
  const auto before = m_store.traffic.live("shop");
  go_live(Color::green);
  m_store.traffic.move(before.value()); // as the store had it
  drain();
  CHECK(status_of(killed.id) == Status::live);
  CHECK_THAT(stored(killed.id).outcome, ContainsSubstring(":50102/"));
  CHECK(m_store.traffic.live("shop").value().deployment == killed.id);
}

TEST_CASE_METHOD(RoutedRunner, "a successor that requests go to already is kept and one that they do not is undone") {
  const bool was_routed = GENERATE(true, false);
  serve(Color::blue);
  go_live(Color::blue);
  const Deployment killed = killed_at(StepName::switch_, Destination::live(), Color::green);
  const Running successor = successor_of(killed);
  if (was_routed) {
    m_routes->table = route::with_routes(
        m_routes->table, "shop",
        routes_for("shop", load_app_settings(m_home, "shop"), std::nullopt,
                   {.serving = {{Color::blue, *m_world->current("shop", Color::blue)}, {Color::green, successor}},
                    .live = Color::green,
                    .shares = {}}));
  }
  drain();
  CHECK(status_of(killed.id) == Status::live);
  CHECK(m_world->was_called("roll out") != was_routed);
  CHECK(m_routes->behind("shop", "live") == std::vector{current_id(Color::green)});
}

TEST_CASE_METHOD(RoutedRunner, "what still gets requests is not ended and its step says so") {
  const Deployment before = serve(Color::blue);
  go_live(Color::blue);
  const Deployment deployment = enqueue(Color::blue);
  m_world->at("tidy shop-blue", [&] { // somebody's older routes come back
    m_routes->table = route::with_routes(
        m_routes->table, "shop",
        routes_for("shop", load_app_settings(m_home, "shop"), std::nullopt,
                   {.serving = {{Color::blue, scripted_running("shop", Color::blue, before.id, before.release)}},
                    .live = Color::blue,
                    .shares = {}}));
  });
  drain();
  CHECK_FALSE(m_world->was_called(fmt::format("end shop-blue-{}", before.id)));
  CHECK(steps_of(deployment.id).back() == "retire failed");
  CHECK_THAT(log_of(deployment.id), ContainsSubstring("warning: 'shop-blue' is not stopped: it still gets requests"));
}

TEST_CASE_METHOD(PlainRunner, "a runner waits until what is quiet is due, and deploys it then") {
  const Deployment quiet = enqueue_quiet(std::chrono::milliseconds(300));
  drain();
  CHECK(status_of(quiet.id) == Status::ready);
  CHECK(stored(quiet.id).started.value() >= quiet.due.value());
}

TEST_CASE_METHOD(PlainRunner, "while a runner waits what comes is deployed, and the wait ends with what it was for") {
  const Deployment quiet = enqueue_quiet(std::chrono::hours(1));
  std::jthread first = runner();
  await_waiting();
  CHECK_FALSE(FileLock::is_held(m_home.app("shop").lock()));
  const Deployment other = enqueue(Color::green);
  std::jthread second = runner(); // either of them may work, and the one that does not, or does no more, wait
  wait_until([&] { return status_of(other.id) == Status::ready; }, k_patience, "the other deployment");
  await_waiting();
  CHECK(status_of(quiet.id) == Status::queued);
  REQUIRE(m_store.queue.cancel(quiet.id, "anna"));
  first.join();
  second.join();
  CHECK_FALSE(FileLock::is_held(m_home.app("shop").waiting_lock()));
}

TEST_CASE_METHOD(PlainRunner, "a pause ends the wait, and a newer event that is due at once, too") {
  const Deployment quiet = enqueue_quiet(std::chrono::hours(1));
  std::jthread waiting = runner();
  await_waiting();
  const bool pauses = GENERATE(true, false);
  if (pauses) {
    m_store.queue.pause({.app = "shop", .who = "anna", .at = {}});
    waiting.join();
    CHECK(status_of(quiet.id) == Status::queued);
  } else {
    const Deployment newer = enqueue(Color::blue);
    waiting.join();
    CHECK(status_of(quiet.id) == Status::superseded);
    CHECK(status_of(newer.id) == Status::ready);
  }
}

TEST_CASE_METHOD(PlainRunner, "an app that is paused between two deployments begins no second one") {
  const Deployment first = enqueue(Color::blue);
  const Deployment second = enqueue(Color::green);
  m_world->at("check", [&] {
    Store other(m_home.store(), m_clock);
    other.queue.pause({.app = "shop", .who = "anna", .at = {}});
  });
  drain();
  CHECK(status_of(first.id) == Status::ready);
  CHECK(status_of(second.id) == Status::queued);
  CHECK(m_store.queue.resume("shop", "anna"));
  drain();
  CHECK(status_of(second.id) == Status::ready);
}

TEST_CASE_METHOD(PlainRunner,
                 "what was pushed and failed as its registry was away is queued again, and a build's failure is not") {
  const std::string call = GENERATE("publish", "build");
  m_world->at(call, failing("the registry is away"));
  const Deployment failed = enqueue(Color::blue, 0, Trigger::push);
  std::jthread waiting = runner();
  if (call == "build") {
    waiting.join();
    CHECK(status_of(failed.id) == Status::failed);
    CHECK_FALSE(m_store.queue.until_next("shop"));
    return;
  }
  await_waiting();
  CHECK(status_of(failed.id) == Status::failed);
  const Deployment retry = m_store.history.retry_of(failed).value();
  CHECK(retry.event.id == failed.event.id);
  CHECK(retry.due == stored(failed.id).finished.value() + std::chrono::seconds(10));
  m_world->at(call, {});
  REQUIRE(m_store.queue.cancel(retry.id, "anna")); // and the wait ends
  waiting.join();
  CHECK(m_store.queue.pending().empty());
}

TEST_CASE_METHOD(PlainRunner,
                 "what was pushed while no engine was there is queued again, and what was asked for by hand is not") {
  const Deployment killed = killed_at(StepName::start);
  successor_of(killed);
  m_world->at("settle shop-blue", failing("no engine answers"));
  const Deployment by_hand = enqueue(Color::green);
  const Deployment pushed = enqueue(Color::blue, 0, Trigger::push);
  std::jthread waiting = runner();
  await_waiting();
  CHECK(status_of(by_hand.id) == Status::failed);
  CHECK_FALSE(m_store.history.retry_of(by_hand));
  CHECK(status_of(pushed.id) == Status::failed);
  const Deployment retry = m_store.history.retry_of(pushed).value();
  m_world->at("settle shop-blue", {});
  REQUIRE(m_store.queue.cancel(retry.id, "anna"));
  waiting.join();
}

TEST_CASE_METHOD(PlainRunner, "what is old is forgotten by the runner once it has worked") {
  set_server_settings("serve: {keep_events: 1ms}\n");
  const Deployment old = enqueue(Color::blue);
  REQUIRE(m_store.queue.cancel(old.id, "anna"));
  for (int i = 0; i < 100; ++i) {
    REQUIRE(m_store.queue.cancel(enqueue(Color::blue).id, "anna"));
  }
  const Deployment last = enqueue(Color::blue);
  drain();
  CHECK(status_of(last.id) == Status::ready);
  CHECK_FALSE(m_store.history.deployment(old.id));
}
