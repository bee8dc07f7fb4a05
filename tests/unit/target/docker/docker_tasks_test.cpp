#include "core/subnet.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "target/docker/docker_tasks.hpp"
#include "unit/target/docker/scripted_engine.hpp"

using namespace teal;

namespace {

class TasksFixture {
protected:
  TasksFixture() { m_script.add_network("tealhook-shop", "/srv/tealhook", "shop"); }

  [[nodiscard]] RunRequest request() const {
    return {.slot = m_task, .release = m_release, .settings = m_settings, .env = m_env};
  }
  [[nodiscard]] std::string task() const { return m_task.current_name(); }

  TempFolder m_folder;
  ScriptedEngine m_script;
  engine::Engine m_engine{m_script.host()};
  DockerTasks m_tasks{
      engine::Containers(m_engine),
      engine::Networks(m_engine, {.range = Subnet::parse("10.213.0.0/16").value(), .lock = m_folder.path() / "lock"})};
  Slot m_task = Slot{"/srv/tealhook", "shop", Color::blue}.of_process(k_task_process);
  Release m_release{.app = "shop", .commit = "1a2b3c4", .artifact = "localhost:5000/shop@sha256:1"};
  AppSettings m_settings;
  std::map<std::string, std::string> m_env;
};

} // namespace

TEST_CASE_METHOD(TasksFixture, "a task is told with how it ended and what it printed, and is gone") {
  m_script.let_end(task(), 3, "no such table");
  const TaskResult result = m_tasks.run(request(), {"bin/migrate"}, std::chrono::seconds(10));
  CHECK(result.exit_code == 3);
  CHECK_THAT(result.output, ContainsSubstring("no such table"));
  CHECK(m_script.names().empty());
}

TEST_CASE_METHOD(TasksFixture, "what a killed runner left of a task makes room for it") {
  m_script.add({.id = "old", .name = task(), .running = true});
  m_script.let_end(task(), 0, "");
  CHECK(m_tasks.run(request(), {"bin/migrate"}, std::chrono::seconds(10)).exit_code == 0);
  CHECK(m_script.done().front() == "remove " + task());
  CHECK(m_script.names().empty());
}

TEST_CASE_METHOD(TasksFixture, "a one-off waits under a name of its own for whoever starts it") {
  CHECK(m_tasks.prepare(request(), {"sh"}, true) != m_tasks.prepare(request(), {"sh"}, true));
  const auto names = m_script.names();
  REQUIRE(names.size() == 2);
  CHECK(names[0] != names[1]);
  CHECK_THAT(names[0], ContainsSubstring(task() + "-"));
}
