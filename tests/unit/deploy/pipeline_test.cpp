#include "deploy/pipeline.hpp"
#include "support/scripted_home.hpp"
#include "support/wait_until.hpp"

#include <algorithm>
#include <stdexcept>

using namespace teal;

namespace {

const std::vector<std::string> k_all_steps{"checkout done", "build done", "publish done",
                                           "pull done",     "start done", "check done"};

template <class Base>
class PipelineTest : public Base {
protected:
  Status run(const Deployment& deployment) {
    const auto lock = FileLock::try_acquire(this->m_home.app("shop").lock());
    REQUIRE(lock);
    DeploymentLog log(this->m_home.app("shop").log(deployment.id));
    Pipeline pipeline(*lock, *this->m_services, this->m_store, log, deployment, std::nullopt);
    const Status status = pipeline.run();
    m_left = pipeline.left();
    return status;
  }
  /// Of the app's blue.
  [[nodiscard]] Deployment begun(const Destination& destination = Color::blue, Color color = Color::blue) {
    return this->begin(this->enqueue(destination), color);
  }
  [[nodiscard]] CancelMark mark(const Deployment& deployment) const {
    return {this->m_home.app("shop"), deployment.id};
  }
  /// At that call, as if what goes on beside it had a time of its own: publishing ends before what comes next, but
  /// where it is what is meant; then it lasts until the start.
  void at_its_time(const std::string& call, const Deployment& deployment, std::function<void()> act) {
    this->m_world->at(call, [this, call, id = deployment.id, act = std::move(act)] {
      if (call == "publish") {
        wait_until([&] { return this->m_world->was_called("start"); }, std::chrono::seconds(10), "the start");
      } else if (call == "pull" || call == "prepare" || call == "start") {
        const auto is_published = [&] {
          const auto steps = this->steps_of(id);
          return std::find(steps.begin(), steps.end(), "publish done") != steps.end();
        };
        wait_until(is_published, std::chrono::seconds(10), "the publishing");
      }
      act();
    });
  }
  /// What is at work there is cancelled, and has noticed.
  void cancel_at(const std::string& call, const Deployment& deployment) {
    at_its_time(call, deployment, [this, id = deployment.id] {
      REQUIRE(CancelMark(this->m_home.app("shop"), id).ask("anna"));
      wait_until([&] { return this->m_services->engine.interrupt().stop_requested(); }, std::chrono::seconds(10),
                 "the watch");
    });
  }

  std::optional<Color> m_left;
};

using PlainPipeline = PipelineTest<ScriptedHome>;
using RoutedPipeline = PipelineTest<RoutedHome>;

/// What is none of our errors.
std::function<void()> throwing(const std::string& message) {
  return [=] { throw std::runtime_error(message); };
}

/// Where a deployment without a router can fail, and the steps that are stored then.
struct Failure {
  std::string call;
  std::vector<std::string> steps;
  bool is_under_way = false;
  bool is_error = true; ///< of ours
};

std::vector<std::string> steps_until(std::size_t count, const std::string& last = "") {
  std::vector<std::string> steps(k_all_steps.begin(), k_all_steps.begin() + static_cast<std::ptrdiff_t>(count));
  if (!last.empty()) {
    steps.push_back(last);
  }
  return steps;
}

std::vector<Failure> all_failures() {
  std::vector<Failure> failures{
      {"settle shop-blue", {}},
      {"require port", {}},
      {"roll out", {}},
      {"checkout", {"checkout failed"}},
      {"build", steps_until(1, "build failed")},
      {"publish", {"checkout done", "build done", "publish failed", "pull done", "start failed"}},
      {"pull", steps_until(3, "pull failed")},
      {"prepare", steps_until(4)},
      {"start", steps_until(4, "start failed"), true},
      {"check", steps_until(5, "check failed"), true},
      {"confirm", k_all_steps, true},
      {"take over", k_all_steps, true}};
  for (std::size_t i = 0, count = failures.size(); i < count; ++i) {
    failures.push_back(failures[i]);
    failures.back().is_error = false;
  }
  failures.push_back({"obstacles", {}}); // which a target tells as errors
  return failures;
}

} // namespace

TEST_CASE_METHOD(PlainPipeline, "a deployment stores its steps in their order and says where it serves") {
  const Deployment before = serve(Color::blue);
  const Deployment deployment = begun();
  CHECK(run(deployment) == Status::ready);
  CHECK(steps_of(deployment.id) == k_all_steps);
  const Deployment ended = stored(deployment.id);
  CHECK(ended.status == Status::ready);
  CHECK_THAT(ended.outcome, ContainsSubstring(":50101/"));
  CHECK(ended.peak_memory > 0);
  CHECK_THAT(log_of(deployment.id), ContainsSubstring("ready in ") && ContainsSubstring(ended.outcome));
  CHECK(current_id(Color::blue) == fmt::format("shop-blue-{}", deployment.id));
  REQUIRE(m_world->retired().size() == 1); // it is the farewell's to end
  CHECK(m_world->retired()[0].deployment == before.id);
  CHECK_FALSE(m_world->was_called("end " + m_world->retired()[0].id));
}

TEST_CASE_METHOD(PlainPipeline, "the release is kept with what its target needs and the settings that it runs with") {
  const Deployment deployment = begun();
  REQUIRE(run(deployment) == Status::ready);
  const Release release = m_store.history.release(stored(deployment.id).release).value();
  CHECK(release.commit == m_commit);
  CHECK(release.artifact == fmt::format("scripted:{}:{}", m_commit, deployment.id));
  CHECK(m_store.history.release_settings(release.id).value().settings == k_scripted_settings);
  CHECK(m_world->current("shop", Color::blue)->release == release.id);
}

TEST_CASE_METHOD(PlainPipeline, "wherever a deployment fails what served serves on and the outcome says why") {
  const Failure failure = GENERATE(from_range(all_failures()));
  INFO(failure.call << (failure.is_error ? "" : ", by what is none of our errors"));
  const Deployment before = serve(Color::blue);
  const std::string message = "the cupboard is bare";
  const Deployment deployment = begun();
  at_its_time(failure.call, deployment, failure.is_error ? failing(message) : throwing(message));
  CHECK(run(deployment) == Status::failed);

  CHECK(stored(deployment.id).status == Status::failed);
  CHECK(stored(deployment.id).outcome == message);
  CHECK(steps_of(deployment.id) == failure.steps);
  CHECK(current_id(Color::blue) == fmt::format("shop-blue-{}", before.id));
  CHECK_FALSE(m_world->next("shop", Color::blue));
  CHECK(m_world->retired().empty());
  CHECK(m_world->was_called("last words") == failure.is_under_way);
  const std::string log = log_of(deployment.id);
  CHECK_THAT(log, ContainsSubstring("error: " + message));
  CHECK_THAT(log, ContainsSubstring(fmt::format("blue still runs bbbbbbb (deployment {})", before.id)));
  CHECK_THAT(log, ContainsSubstring("again: tealhook deploy shop --color blue --rev " + m_commit.substr(0, 12)));
  const bool has_trail = failure.is_error || failure.call == "publish"; // whose end is told by another thread
  CHECK((log.find("while deploying 'shop' at " + m_commit.substr(0, 7)) != std::string::npos) == has_trail);
}

TEST_CASE_METHOD(PlainPipeline,
                 "what a successor that failed printed last is shown and where it cannot be that is told") {
  m_world->at("check", failing("not healthy"));
  const Deployment first = begun();
  CHECK(run(first) == Status::failed);
  CHECK_THAT(log_of(first.id), ContainsSubstring("the program printed last:\n  | cannot go on: the cupboard is bare"));
  m_world->at("last words", [] { throw std::runtime_error("no log"); });
  const Deployment second = begun();
  CHECK(run(second) == Status::failed);
  CHECK_THAT(log_of(second.id), ContainsSubstring("warning: cannot show what the program printed: no log"));
  CHECK(stored(second.id).outcome == "not healthy");
}

TEST_CASE_METHOD(PlainPipeline, "where what ran cannot be put back the outcome is stored and says both") {
  const bool is_error = GENERATE(true, false);
  m_world->at("check", [&] {
    for (const char* call : {"settle shop-blue", "current shop-blue"}) {
      m_world->at(call, is_error ? failing("no engine answers") : throwing("no engine answers"));
    }
    throw Error(ErrorKind::environment, "not healthy");
  });
  const Deployment deployment = begun();
  CHECK(run(deployment) == Status::failed);
  CHECK(stored(deployment.id).outcome == "not healthy; putting back what ran failed: no engine answers");
  CHECK_THAT(log_of(deployment.id), ContainsSubstring("what runs on blue cannot be told now"));
}

TEST_CASE_METHOD(PlainPipeline,
                 "settings that do not parse fail the deployment with their line before anything is touched") {
  write_file(m_home.app("shop").settings(), std::string(k_scripted_settings) + "container_port: many\n");
  const Deployment deployment = begun();
  CHECK(run(deployment) == Status::failed);
  CHECK_THAT(stored(deployment.id).outcome, ContainsSubstring("app.yml:3"));
  CHECK(steps_of(deployment.id).empty());
  CHECK_FALSE(m_world->was_called("roll out"));
}

TEST_CASE_METHOD(PlainPipeline, "a deployment that is cancelled ends before its next step and undoes what it began") {
  const std::string call = GENERATE(as<std::string>(), "checkout", "build", "publish", "pull", "prepare", "start");
  INFO(call);
  const Deployment before = serve(Color::blue);
  const Deployment deployment = begun();
  cancel_at(call, deployment);
  CHECK(run(deployment) == Status::cancelled);
  const Deployment ended = stored(deployment.id);
  CHECK(ended.status == Status::cancelled);
  CHECK(ended.outcome.starts_with("cancelled by anna; blue still runs"));
  if (call != "prepare" && call != "publish") {
    CHECK(steps_of(deployment.id).back() == call + " done");
  }
  CHECK(current_id(Color::blue) == fmt::format("shop-blue-{}", before.id));
  CHECK_FALSE(m_world->next("shop", Color::blue));
  CHECK_FALSE(mark(deployment).who()); // nobody's next deployment is cancelled by it
  CHECK_FALSE(m_services->engine.interrupt().stop_requested());
}

TEST_CASE_METHOD(PlainPipeline, "a deployment that is cancelled at its check does not take over") {
  serve(Color::blue);
  const Deployment deployment = begun();
  cancel_at("check", deployment);
  CHECK(run(deployment) == Status::cancelled);
  CHECK_FALSE(m_world->was_called("take over"));
  CHECK_FALSE(m_world->next("shop", Color::blue));
}

TEST_CASE_METHOD(PlainPipeline, "a step that fails because it was cancelled is no failure") {
  const Deployment deployment = begun();
  m_world->at("build", [&] {
    REQUIRE(mark(deployment).ask("ada"));
    throw Error(ErrorKind::environment, "docker build was cancelled");
  });
  CHECK(run(deployment) == Status::cancelled);
  CHECK(steps_of(deployment.id) == std::vector<std::string>{"checkout done", "build failed"});
  CHECK_THAT(log_of(deployment.id), !ContainsSubstring("error:"));
}

TEST_CASE_METHOD(PlainPipeline, "who cancels a deployment that takes over is refused and it goes on") {
  const Deployment deployment = begun();
  bool was_cancelled = true;
  m_world->at("take over", [&] { was_cancelled = mark(deployment).ask("anna"); });
  CHECK(run(deployment) == Status::ready);
  CHECK_FALSE(was_cancelled);
}

TEST_CASE_METHOD(PlainPipeline, "what serves and cannot let go of what it had before is ready all the same") {
  m_world->at("retire processes", failing("cannot rename 'shop-blue.worker'"));
  const Deployment deployment = begun();
  CHECK(run(deployment) == Status::ready);
  CHECK(steps_of(deployment.id) == k_all_steps);
}

TEST_CASE_METHOD(PlainPipeline, "a kept release runs again without a build and with the settings that it had") {
  const Deployment served = serve(Color::blue);
  write_file(m_home.app("shop").settings(), std::string(k_scripted_settings) + "run: {memory: 1 GB}\n");
  const Deployment deployment = begin(enqueue(Color::green, served.release), Color::green);
  CHECK(run(stored(deployment.id)) == Status::ready);
  CHECK(steps_of(deployment.id) == std::vector<std::string>{"pull done", "start done", "check done"});
  CHECK(m_world->current("shop", Color::green)->release == served.release);
  CHECK(m_store.history.release_settings(served.release).value().settings == k_scripted_settings);
}

TEST_CASE_METHOD(PlainPipeline, "a release that was forgotten meanwhile is said to be kept no more") {
  const Deployment served = serve(Color::blue);
  const Deployment deployment = begin(enqueue(Color::green, served.release), Color::green);
  const Deployment begun = stored(deployment.id);
  m_store.history.forget_release(served.release);
  CHECK(run(begun) == Status::failed);
  CHECK(stored(deployment.id).outcome == fmt::format("release {} is not kept any more", served.release));
  CHECK_FALSE(m_world->was_called("roll out"));
}

TEST_CASE_METHOD(RoutedPipeline, "a live deployment moves requests when it is proven and says that it is live") {
  serve(Color::blue);
  go_live(Color::blue);
  const Deployment deployment = begun(Destination::live(), Color::green);
  m_world->at("check", [&] { CHECK(m_routes->behind("shop", "live") == std::vector{current_id(Color::blue)}); });
  CHECK(run(deployment) == Status::live);
  CHECK(steps_of(deployment.id).back() == "switch done");
  CHECK(m_routes->behind("shop", "live") == std::vector{current_id(Color::green)});
  CHECK(m_store.traffic.live("shop").value().deployment == deployment.id);
  CHECK(m_store.traffic.live("shop").value().who == "anna");
  CHECK(stored(deployment.id).status == Status::live);
  CHECK_FALSE(m_left);
}

TEST_CASE_METHOD(RoutedPipeline, "a deployment to the idle color moves its own requests alone and says what is live") {
  serve(Color::blue);
  go_live(Color::blue);
  const Deployment deployment = begun(Color::green, Color::green);
  CHECK(run(deployment) == Status::ready);
  CHECK(m_routes->behind("shop", "green") == std::vector{current_id(Color::green)});
  CHECK(m_routes->behind("shop", "live") == std::vector{current_id(Color::blue)});
  CHECK_THAT(log_of(deployment.id), ContainsSubstring("live traffic stays on blue"));
}

TEST_CASE_METHOD(RoutedPipeline, "a router that refuses the move fails the deployment and routes as before") {
  serve(Color::blue);
  go_live(Color::blue);
  const auto before = m_routes->of("shop");
  m_routes->before_change = [](const auto& /*changes*/) {
    throw Error(ErrorKind::environment, "haproxy does not answer");
  };
  const Deployment deployment = begun(Destination::live(), Color::green);
  CHECK(run(deployment) == Status::failed);
  CHECK(steps_of(deployment.id).back() == "switch failed");
  CHECK(stored(deployment.id).outcome.starts_with("haproxy does not answer"));
  CHECK(m_routes->of("shop") == before);
  CHECK_FALSE(m_world->current("shop", Color::green));
  CHECK_FALSE(m_world->was_called("take over"));
  CHECK(m_store.traffic.live("shop").value().color == Color::blue);
}

TEST_CASE_METHOD(RoutedPipeline, "where the target does not take over the routes lead back to what served") {
  serve(Color::blue);
  go_live(Color::blue);
  const auto before = m_routes->of("shop");
  m_world->at("take over", [&] {
    CHECK(m_routes->of("shop") != before);
    throw Error(ErrorKind::environment, "cannot rename");
  });
  const Deployment deployment = begun(Destination::live(), Color::green);
  CHECK(run(deployment) == Status::failed);
  CHECK(m_routes->of("shop") == before);
  CHECK_FALSE(m_world->next("shop", Color::green));
  CHECK(m_store.traffic.live("shop").value().color == Color::blue);
}

TEST_CASE_METHOD(RoutedPipeline,
                 "with keep_idle false the color that was live is retired and where it cannot be that is told") {
  const bool fails = GENERATE(false, true);
  serve(Color::blue);
  write_file(m_home.app("shop").settings(), std::string(k_scripted_settings) + "deploy: {keep_idle: false}\n");
  go_live(Color::blue);
  if (fails) {
    m_world->at("retire shop-blue", failing("no engine answers"));
  }
  const Deployment deployment = begun(Destination::live(), Color::green);
  CHECK(run(deployment) == Status::live);
  CHECK(m_left == Color::blue);
  CHECK(m_world->current("shop", Color::blue).has_value() == fails);
  CHECK(m_routes->behind("shop", "blue").empty());
  const std::string fact = stored(deployment.id).steps.back().fact;
  CHECK((fact.find("what it leaves is not stopped: no engine answers") != std::string::npos) == fails);
}

TEST_CASE_METHOD(RoutedPipeline, "a router that goes away once it was told does not lose the outcome of what serves") {
  serve(Color::blue);
  go_live(Color::blue);
  m_world->at("retire processes", [&] {
    m_routes->before_reading = [] { throw Error(ErrorKind::environment, "haproxy does not answer"); };
  });
  const Deployment deployment = begun(Color::green, Color::green);
  CHECK(run(deployment) == Status::ready);
  CHECK(stored(deployment.id).status == Status::ready);
}

TEST_CASE_METHOD(RoutedPipeline, "a router that a person took down fails a deployment before anything is built") {
  std::filesystem::create_directories(m_home.router());
  write_file(m_home.router_taken_down(), "ada\n");
  m_routes->is_running = false;
  const Deployment deployment = begun();
  CHECK(run(deployment) == Status::failed);
  CHECK_THAT(stored(deployment.id).outcome, ContainsSubstring("the router was taken down by ada"));
  CHECK(steps_of(deployment.id).empty());
  CHECK_FALSE(m_routes->is_running);
}

TEST_CASE_METHOD(RoutedPipeline, "a router that did not run is started for a deployment and its log says so") {
  serve(Color::blue);
  go_live(Color::blue);
  m_routes->is_running = false;
  const Deployment deployment = begun();
  CHECK(run(deployment) == Status::live);
  CHECK(m_routes->is_running);
  CHECK_THAT(log_of(deployment.id), ContainsSubstring("the router did not run: it was started"));
}

TEST_CASE_METHOD(PlainPipeline, "what was built elsewhere is fetched and published and then goes the way of all") {
  Event event{.app = "shop",
              .trigger = Trigger::cli,
              .ref = "hub/shop:1.2",
              .subject = "hub/shop:1.2",
              .who = "anna",
              .at = m_clock.now(),
              .artifact = "hub/shop:1.2"};
  const Deployment deployment = begin(m_store.queue.enqueue(event, Color::blue).deployment, Color::blue);
  REQUIRE(run(deployment) == Status::ready);
  CHECK(steps_of(deployment.id) == std::vector<std::string>{"pull done", "publish done", "start done", "check done"});
  const Release release = m_store.history.release(stored(deployment.id).release).value();
  CHECK(release.commit.empty());
  CHECK(release.subject == "hub/shop:1.2");
  CHECK(release.artifact == "scripted:hub/shop:1.2");
  CHECK_FALSE(m_store.history.release_settings(release.id).value().pushed);
  CHECK_THAT(log_of(deployment.id), ContainsSubstring("image hub/shop:1.2"));
}

TEST_CASE_METHOD(PlainPipeline, "an image that cannot be had leaves what served and says how to try again") {
  const Deployment before = serve(Color::blue);
  m_world->at("pull", failing("there is no such image"));
  const Event event{
      .app = "shop", .ref = "hub/shop:1.2", .who = "anna", .at = m_clock.now(), .artifact = "hub/shop:1.2"};
  const Deployment deployment = begin(m_store.queue.enqueue(event, Color::blue).deployment, Color::blue);
  REQUIRE(run(deployment) == Status::failed);
  CHECK(current_id(Color::blue) == fmt::format("shop-blue-{}", before.id));
  CHECK_THAT(log_of(deployment.id),
             ContainsSubstring("while deploying 'shop' at hub/shop:1.2") &&
                 ContainsSubstring("again: tealhook deploy shop --color blue --image hub/shop:1.2"));
}
