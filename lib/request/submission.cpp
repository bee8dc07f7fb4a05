#include "request/submission.hpp"

#include "config/load.hpp"
#include "process/file_lock.hpp"
#include "request/runner_start.hpp"
#include "store/permission.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

/// Those that still run; what an ended one replaced takes its leave beside ours.
std::vector<Deployment> running(const Queue& queue, std::string_view app) {
  std::vector<Deployment> found = queue.unfinished(app);
  std::erase_if(found, [](const Deployment& one) { return is_final(one.status); });
  return found;
}

Verb verb_for(const Request& request) {
  if (request.release != 0) {
    return Verb::rollback;
  }
  return request.event.trigger == Trigger::push ? Verb::push : Verb::deploy;
}

/// A runner that holds the lock looks at the queue once more when it has let go of it.
void start_runner_of(const Workplace& place, const std::string& app, Submission& submission) {
  if (FileLock::is_held(place.home.app(app).lock())) {
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
  auto [deployment, superseded] = place.store.queue.enqueue(request.event, request.destination, request.release);
  Submission submission{.deployment = std::move(deployment), .superseded = std::move(superseded)};
  if (submission.deployment.status == Status::cancelled) {
    submission.freeze = place.store.traffic.freeze(app);
    return submission;
  }
  submission.ahead = running(place.store.queue, app);
  start_runner_of(place, app, submission);
  return submission;
}

} // namespace teal
