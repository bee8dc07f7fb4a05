// A runner that is killed, at every step and between any two calls to the engine, and what the next runner makes of it.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "store/history.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/engine_proxy.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace teal;
using Moment = EngineProxy::Moment;

namespace {

/// A host whose runners reach the engine through a proxy, with one app that runs "v1" on blue.
class Scene {
public:
  Scene() {
    m_host.use_engine(m_proxy.host());
    m_project.commit("v1");
    REQUIRE(m_project.push(m_app, Color::blue).succeeded());
  }

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] const Project& project() const { return m_project; }
  [[nodiscard]] EngineProxy& proxy() { return m_proxy; }
  [[nodiscard]] std::string answer(Color color = Color::blue) const { return m_host.answer(m_app, color); }

  [[nodiscard]] std::vector<Deployment> history() const {
    Database database(m_host.home().store());
    return History(database).deployments(m_app, 100);
  }
  [[nodiscard]] Deployment latest() const { return history().front(); }
  /// Whether that step is being worked at; nothing: whether none is.
  [[nodiscard]] bool is_at(std::optional<StepName> name) const {
    bool is_at_some = false;
    for (const Deployment& deployment : history()) {
      for (const Step& step : deployment.steps) {
        if (step.status == StepStatus::running) {
          is_at_some = true;
          if (step.name == name) {
            return true;
          }
        }
      }
    }
    return !name && !is_at_some;
  }

  [[nodiscard]] std::optional<ProcessId> runner() const {
    return find_process({"--home", m_host.home().root.string(), "runner", m_app});
  }
  void kill_runner() const {
    if (const auto found = runner()) {
      ::kill(found->pid, SIGKILL);
    }
  }
  /// The runner is killed at its next request to the engine that contains `request`, during `step`.
  void kill_runner_at(std::optional<StepName> step, const std::string& request, Moment moment, int times = 1) {
    m_proxy.interrupt(
        [this, step, request](std::string_view line) {
          return line.find(request) != std::string_view::npos && is_at(step);
        },
        moment, [this] { kill_runner(); }, times);
  }

  void check_all_at_rest() const {
    wait_until([this] { return !runner(); }, k_patience, "the runner's end");
    for (const Deployment& deployment : history()) {
      INFO("deployment " << deployment.id << ": " << to_string(deployment.status));
      CHECK(is_final(deployment.status));
      CHECK(std::none_of(deployment.steps.begin(), deployment.steps.end(),
                         [](const Step& step) { return step.status == StepStatus::running; }));
    }
    const std::string containers =
        m_host.docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + m_app});
    CHECK(containers == m_app + "-blue");
  }

private:
  EngineProxy m_proxy;
  TestHost m_host;
  std::string m_app = m_host.create_app();
  Project m_project{m_host};
};

} // namespace

TEST_CASE("a runner killed at any call to the engine is followed by one that brings the push to its end") {
  struct Crash {
    std::optional<StepName> step; ///< none: between the last check and the outcome
    const char* request;
    Moment moment;
    int attempts; ///< 1: all that was left to do was to say that it is done
  };
  const std::vector<Crash> crashes{
      {StepName::build, "/images/", Moment::before, 2}, // whether a gate has built it
      {StepName::build, "/build?", Moment::before, 2},
      {StepName::build, "/build?", Moment::after, 2},
      {StepName::publish, "/push?", Moment::before, 2},
      {StepName::publish, "/push?", Moment::after, 2},
      {StepName::start, "/containers/create", Moment::before, 2},
      {StepName::start, "/containers/create", Moment::after, 2},
      {StepName::start, "/disconnect", Moment::before, 2},
      {StepName::start, "/disconnect", Moment::after, 2},
      {StepName::start, "/start", Moment::before, 2},
      {StepName::start, "/start", Moment::after, 2},
      {StepName::start, "/connect", Moment::before, 2},
      {StepName::start, "/connect", Moment::after, 2},
      {StepName::check, "-next/json", Moment::after, 2},
      {std::nullopt, "/update", Moment::after, 2},
      {std::nullopt, "-blue-retired-", Moment::before, 2},
      {std::nullopt, "-blue-retired-", Moment::after, 1}, // between the two renames
      {std::nullopt, "-blue HTTP", Moment::after, 1},
  };
  Scene scene;
  for (std::size_t i = 0; i < crashes.size(); ++i) {
    const Crash& crash = crashes[i];
    const std::string version = fmt::format("v{}", i + 2);
    scene.project().commit(version);
    scene.kill_runner_at(crash.step, crash.request, crash.moment);
    const Outcome push = scene.project().push(scene.app(), Color::blue);
    INFO(fmt::format("killed {} {}", crash.moment == Moment::before ? "before" : "after", crash.request));
    INFO(push.tail);
    CHECK(scene.proxy().pending() == 0);
    CHECK_THAT(push.tail, ContainsSubstring("the runner was killed") || ContainsSubstring("its runner was killed"));
    CHECK_THAT(push.tail, ContainsSubstring("remote: ready"));
    CHECK(scene.latest().status == Status::ready);
    CHECK(scene.latest().attempts == crash.attempts);
    CHECK_THAT(scene.latest().outcome, ContainsSubstring("http://"));
    CHECK(scene.answer() == version + " blue");
    scene.check_all_at_rest();
  }
}

TEST_CASE("what a runner was killed at after its outcome was stored is finished by the next one") {
  struct Crash {
    const char* request;
    Moment moment;
  };
  Scene scene;
  for (const Crash& crash :
       {Crash{"/disconnect", Moment::before}, Crash{"/disconnect", Moment::after}, Crash{"/stop", Moment::before},
        Crash{"/stop", Moment::after}, Crash{"DELETE /", Moment::before}, Crash{"DELETE /", Moment::after}}) {
    scene.project().commit(fmt::format("v2 {} {}", crash.request, static_cast<int>(crash.moment)));
    scene.kill_runner_at(StepName::retire, crash.request, crash.moment);
    const Outcome push = scene.project().push(scene.app(), Color::blue);
    INFO(push.tail);
    CHECK_THAT(push.tail, ContainsSubstring("remote: ready in"));
    wait_until([&] { return scene.proxy().pending() == 0 && !scene.runner(); }, k_patience, "the runner's death");
    CHECK(scene.is_at(StepName::retire));

    INFO(scene.host().tealhook_ok({"deploy", scene.app(), "--color", "blue"}));
    scene.check_all_at_rest();
  }
}

TEST_CASE("a runner killed in the middle of a checkout leaves nothing that the next one does not put right") {
  Scene scene;
  for (int i = 0; i < 4000; ++i) {
    scene.project().write(fmt::format("many/{}/{}", i % 40, i), fmt::format("{}\n", i));
  }
  const std::string commit = scene.project().commit("v2");
  const Background push(
      {.arguments = {"git", "push", scene.host().repository(scene.app(), Color::blue).string(), "main"},
       .directory = scene.project().path(),
       .environment = scene.host().environment()});
  wait_until([&] { return scene.is_at(StepName::checkout); }, k_patience, "the checkout");
  scene.kill_runner();
  INFO(push.finish());
  CHECK(scene.answer() == "v2 blue");
  CHECK(scene.latest().attempts == 2);
  const auto work_tree = scene.host().home().app(scene.app()).work_tree(Color::blue);
  CHECK(scene.project().git({"--git-dir", ".git", "--work-tree", work_tree.string(), "diff", "--stat", commit}) == "");
  scene.check_all_at_rest();
}

TEST_CASE("a deployment that brings its runner down twice has failed, and its predecessor still serves") {
  Scene scene;
  scene.project().commit("v2");
  scene.kill_runner_at(StepName::start, "/start", Moment::after, 2);
  const Outcome push = scene.project().push(scene.app(), Color::blue);
  INFO(push.tail);
  CHECK_THAT(push.tail, ContainsSubstring("FAILED   its runner was killed 2 times; blue still runs "));
  CHECK(scene.latest().status == Status::failed);
  CHECK(scene.latest().outcome == "its runner was killed 2 times");
  CHECK(scene.answer() == "v1 blue");
  scene.check_all_at_rest();
}

TEST_CASE("with nobody left to follow it, a killed deployment is taken on by the next command that needs the queue") {
  Scene scene;
  scene.project().commit("v2");
  std::optional<Background> push;
  scene.kill_runner_at(StepName::start, "/start", Moment::after);
  scene.proxy().interrupt([](std::string_view line) { return line.find("/start") != std::string_view::npos; },
                          Moment::after,
                          [&] {
                            push->signal(SIGKILL);
                            scene.kill_runner();
                          });
  push.emplace(Command{.arguments = {"git", "push", scene.host().repository(scene.app(), Color::blue).string(), "main"},
                       .directory = scene.project().path(),
                       .environment = scene.host().environment()});
  wait_until([&] { return scene.proxy().pending() == 0 && !push->is_running() && !scene.runner(); }, k_patience,
             "the end of all of them");
  CHECK(scene.latest().status == Status::running);

  SECTION("a deployment that is asked for runs after it") {
    CHECK(scene.host().tealhook({"deploy", scene.app(), "--color", "blue", "--rev", "HEAD"}).succeeded());
  }
  SECTION("whoever asks for its log") {
    const std::string log = scene.host().tealhook_ok({"logs", scene.app(), "-f"});
    CHECK_THAT(log, ContainsSubstring("the deployment starts again"));
  }
  SECTION("a newer push of the same color supersedes it") {
    scene.project().commit("v3");
    const Outcome newer = scene.project().push(scene.app(), Color::blue);
    INFO(newer.tail);
    CHECK(scene.answer() == "v3 blue");
    CHECK(scene.history()[1].status == Status::superseded);
  }
  CHECK(scene.latest().status == Status::ready);
  scene.check_all_at_rest();
}

TEST_CASE("a runner that finds no engine to ask leaves a killed deployment to the next one, and says why") {
  Scene scene;
  scene.project().commit("v2");
  const std::string settings = read_file(scene.host().home().settings());
  scene.proxy().interrupt([](std::string_view line) { return line.find("/start") != std::string_view::npos; },
                          Moment::after,
                          [&] {
                            scene.host().use_engine("unix:///nowhere.sock");
                            scene.kill_runner();
                          });
  const Outcome push = scene.project().push(scene.app(), Color::blue);
  INFO(push.tail);
  CHECK_THAT(push.tail, ContainsSubstring("ended without finishing deployment 2: error: no container engine answers"));
  CHECK(scene.latest().status == Status::running);

  write_file(scene.host().home().settings(), settings);
  CHECK_THAT(scene.host().tealhook_ok({"logs", "2", "-f"}), ContainsSubstring("the deployment starts again"));
  CHECK(scene.answer() == "v2 blue");
  scene.check_all_at_rest();
}
