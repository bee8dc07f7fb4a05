#include "deploy/gate.hpp"

#include "deploy/build_lock.hpp"
#include "process/files.hpp"
#include "request/deployment_log.hpp"
#include "target/docker/build.hpp"
#include "target/docker/gate_image.hpp"
#include "target/docker/preflight.hpp"
#include "target/plan.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr Milliseconds k_patience_for_gate = std::chrono::hours(1);

FileLock acquire_gate_lock(const AppFolder& folder, DeploymentLog& log) {
  files::create_directories(folder.gate());
  const std::filesystem::path file = folder.gate() / "lock";
  auto lock = FileLock::acquire_any({file}, Milliseconds(0));
  if (!lock) {
    log.line("waiting until what was pushed before is built");
    lock = FileLock::acquire_any({file}, k_patience_for_gate);
  }
  if (!lock) {
    throw Error(ErrorKind::busy, "another push has been building for an hour; try again");
  }
  return std::move(*lock);
}

void step(DeploymentLog& log, StepName name, const std::function<std::string()>& work) {
  const Stopwatch stopwatch;
  const std::string fact = work();
  log.step({.name = name, .status = StepStatus::done, .duration = stopwatch.elapsed(), .fact = fact});
}

} // namespace

void build_at_gate(Services& services, const git::Repository& repository, const Request& request, Output& output) {
  const Event& event = request.event;
  DeploymentLog log(output);
  const AppFolder folder = services.home.app(event.app);
  const FileLock gate = acquire_gate_lock(folder, log);
  const FileLock build = acquire_build_lock(services, log);
  log.line(fmt::format("{} gate   {}", event.app, describe(event)));
  const Plan plan = plan_for(services.home, event.app, repository, event.new_commit);
  require_free_disk(services);
  const BuildPlace place = BuildPlace::of_gate(folder);
  step(log, StepName::checkout, [&] {
    return check_out({.repository = repository,
                      .commit = event.new_commit,
                      .place = place,
                      .environment = services.environment,
                      .interrupt = services.engine.interrupt()},
                     [&](const std::string& warning) { log.line("warning: " + warning); });
  });
  const GateImage image{event.app, event.new_commit, request.destination, plan.settings.build};
  const std::string name = services.image_repository(event.app);
  step(log, StepName::build, [&] {
    return build_image(services, plan.settings,
                       {.app = event.app,
                        .commit = event.new_commit,
                        .work_tree = place.work_tree,
                        .tags = {fmt::format("{}:{}", name, image.tag())}},
                       [&](std::string_view text) { log.output(text); });
  });
  forget_earlier_images(services, name, image);
}

} // namespace teal
