#include "request/cancel.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "request/cancel_mark.hpp"
#include "request/follower.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

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

Deployment ask_to_cancel(const Workplace& place, std::int64_t id, const Principal& who) {
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
  Deployment asked = require_deployment(place, id);
  if (is_final(asked.status)) {
    mark.remove(); // it had ended before it was asked
  }
  return asked;
}

Deployment cancel_deployment(const Workplace& place, std::int64_t id, const Principal& who) {
  Deployment asked = ask_to_cancel(place, id, who);
  if (is_final(asked.status)) {
    return asked;
  }
  await_end(place, asked);
  CancelMark(place.home.app(asked.event.app), id).remove(); // where it had ended before it was asked
  return require_deployment(place, id);
}

std::vector<Deployment> pending_of(const Queue& queue, std::string_view app) {
  auto pending = queue.pending();
  std::erase_if(pending, [&](const Deployment& one) { return one.event.app != app; });
  return pending;
}

void cancel_all(const Workplace& place, std::string_view app, const Principal& who) {
  auto pending = pending_of(place.store.queue, app);
  std::reverse(pending.begin(), pending.end()); // what waits first: it must not begin meanwhile
  for (const Deployment& deployment : pending) {
    try {
      cancel_deployment(place, deployment.id, who);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy && error.kind() != ErrorKind::usage) { // it has ended, or will
        throw;
      }
    }
  }
}

} // namespace teal
