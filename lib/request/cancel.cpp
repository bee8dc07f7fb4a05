#include "request/cancel.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "request/cancel_mark.hpp"
#include "request/follower.hpp"

#include <fcntl.h>
#include <fmt/format.h>

namespace teal {

namespace {

Deployment require_deployment(const Workplace& place, std::int64_t id) {
  if (auto found = place.store.history.deployment(id)) {
    return std::move(*found);
  }
  throw Error(ErrorKind::usage, fmt::format("there is no deployment {}; see: tealhook queue list", id));
}

std::string way_back(const Deployment& deployment) {
  return fmt::format("to go back: tealhook rollback {}", deployment.event.app);
}

[[noreturn]] void refuse_ended(const Deployment& deployment) {
  throw Error(ErrorKind::usage,
              fmt::format("deployment {} is over: it is {}{}", deployment.id, to_string(deployment.status),
                          is_success(deployment.status) ? "; " + way_back(deployment) : ""));
}

void note(Store& store, const Deployment& deployment, const Principal& who) {
  store.actions.add({.app = deployment.event.app,
                     .verb = "cancel",
                     .who = who.text(),
                     .at = {},
                     .text = fmt::format("deployment {}", deployment.id),
                     .origin = who.origin,
                     .deployment = deployment.id});
}

/// With whatever runner it has, or gets.
void await_end(const Workplace& place, const Deployment& deployment) {
  const Descriptor nowhere = open_file("/dev/null", O_WRONLY, "open '/dev/null'");
  Output output(nowhere.number());
  static_cast<void>(Follower(place, std::nullopt).follow(deployment.id, output));
}

} // namespace

Deployment cancel_deployment(const Workplace& place, std::int64_t id, const Principal& who) {
  const Deployment found = require_deployment(place, id);
  if (is_final(found.status)) {
    refuse_ended(found);
  }
  if (place.store.queue.cancel(id, who.text())) {
    note(place.store, found, who);
    return require_deployment(place, id);
  }
  const CancelMark mark(place.home.app(found.event.app), id);
  if (!mark.ask(who.text())) {
    throw Error(ErrorKind::busy, fmt::format("deployment {} takes over already, and cannot be cancelled any more; {}",
                                             id, way_back(found)));
  }
  note(place.store, found, who);
  await_end(place, found);
  mark.remove(); // where it had ended before it was asked
  return require_deployment(place, id);
}

} // namespace teal
