#include "request/submission.hpp"

#include "config/load.hpp"
#include "process/file_lock.hpp"
#include "request/runner_start.hpp"
#include "store/permission.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

/// Those that still run; what an ended one replaced takes its leave beside ours.
std::vector<Deployment> running(const Queue& queue, std::string_view app) {
  std::vector<Deployment> found = queue.unfinished(app);
  std::erase_if(found, [](const Deployment& one) { return is_final(one.status); });
  return found;
}

/// What was built elsewhere is new code, as a push is; a source brings what its settings name.
Verb verb_for(const Request& request) {
  if (request.replicas > 0) {
    return Verb::manage;
  }
  if (request.is_restart) {
    return Verb::deploy;
  }
  const Event& event = request.event;
  if (request.release != 0) {
    return Verb::rollback;
  }
  const bool is_new = !event.artifact.empty() && event.trigger != Trigger::registry;
  return event.trigger == Trigger::push || is_new ? Verb::push : Verb::deploy;
}

/// People do not wait for others, nor do those who go back.
Queue::Quiet quiet_for(const Home& home, const Request& request) {
  if (request.event.trigger == Trigger::cli || request.release != 0) {
    return {};
  }
  const DeploySettings deploy = load_app_settings(home, request.event.app).deploy;
  return {.pause = deploy.quiet, .longest = deploy.quiet_longest};
}

/// A runner that holds the lock looks at the queue once more when it has let go of it, and so does one that waits.
void start_runner_of(const Workplace& place, const std::string& app, Submission& submission) {
  const AppFolder folder = place.home.app(app);
  if (submission.deployment.due ? has_runner(folder) : FileLock::is_held(folder.lock())) {
    return;
  }
  try {
    submission.runner = start_runner(place.home, app, place.environment, place.installation);
  } catch (const Error& error) {
    submission.runner_fault = error;
  }
}

} // namespace

void require_destination(const Home& home, std::string_view app, const Destination& destination) {
  if (destination.is_target()) {
    require_target(load_app_settings(home, app), app, destination.text());
  }
  if (destination.moves_traffic() && load_server_settings(home).router.kind == ServerSettings::Router::Kind::none) {
    throw Error(ErrorKind::settings,
                "there is no router that could move live traffic: set router.kind in tealhook.yml, "
                "then: tealhook router up; or deploy a color");
  }
}

Submission submit(const Workplace& place, const Principal& who, Request request) {
  const std::string app = request.event.app;
  require_may(place.store.actions, who, app, verb_for(request));
  require_destination(place.home, app, request.destination);
  request.event.who = who.text();
  request.event.from = who.origin.from;
  auto [deployment, superseded] = place.store.queue.enqueue(request, quiet_for(place.home, request));
  Submission submission{.deployment = std::move(deployment), .superseded = std::move(superseded)};
  if (submission.deployment.status == Status::cancelled) {
    submission.freeze = place.store.traffic.freeze(app);
    return submission;
  }
  submission.ahead = running(place.store.queue, app);
  submission.pause = place.store.queue.find_pause(app);
  if (!submission.pause) {
    start_runner_of(place, app, submission);
  }
  return submission;
}

Resumption resume_queue(const Workplace& place, const Principal& who, const std::string& app) {
  Resumption done{.was_paused = place.store.queue.resume(app, who.text(), who.origin)};
  const auto pending = place.store.queue.pending();
  done.waiting = static_cast<int>(std::count_if(pending.begin(), pending.end(), [&](const Deployment& one) {
    return one.event.app == app && one.status == Status::queued;
  }));
  if (done.waiting == 0 || has_runner(place.home.app(app))) {
    return done;
  }
  try {
    start_runner(place.home, app, place.environment, place.installation);
  } catch (const Error& error) {
    done.runner_fault = error;
  }
  return done;
}

} // namespace teal
