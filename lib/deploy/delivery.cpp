#include "deploy/delivery.hpp"

#include "core/text.hpp"
#include "deploy/step_record.hpp"
#include "git/repository.hpp"
#include "process/atomic_file.hpp"
#include "upkeep/settings_change.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

std::optional<Release> find_release(const Store& store, const std::string& app, const std::string& target,
                                    const std::string& artifact) {
  const auto releases = store.history.releases_of(app, target);
  const auto found =
      std::find_if(releases.begin(), releases.end(), [&](const Release& one) { return one.artifact == artifact; });
  return found == releases.end() ? std::nullopt : std::optional(*found);
}

/// What a step does, as the trail of its error says it.
std::string describe_doing(StepName step, const std::string& target) {
  switch (step) {
  case StepName::checkout:
    return "checking out the commit";
  case StepName::publish:
    return "keeping the commit";
  case StepName::check:
    return fmt::format("checking '{}'", target);
  case StepName::switch_:
    return "moving 'current'";
  default:
    return fmt::format("deploying to '{}'", target);
  }
}

} // namespace

Delivery::Delivery(const FileLock& /*app_lock*/, Services& services, Store& store, DeploymentLog& log,
                   const Deployment& deployment)
    : m_services(services), m_store(store), m_log(log), m_deployment(deployment), m_app(deployment.event.app),
      m_cancel_mark(services.home.app(m_app), deployment.id), m_cancel_watch(m_cancel_mark) {}

Delivery::~Delivery() = default;

PlainOrder Delivery::order() {
  return {.deployment = m_deployment,
          .steps = *this,
          .interrupt = m_cancel_watch.token(),
          .close =
              [this] {
                if (!m_cancel_mark.close()) { // from here on, who cancels is told that it takes over
                  throw Error(ErrorKind::busy, "it was cancelled");
                }
              },
          .find_release =
              [this](const std::string& artifact) {
                return find_release(m_store, m_app, m_deployment.destination.text(), artifact);
              }};
}

void Delivery::run() {
  m_log.header(m_deployment);
  if (const auto fault = attempt()) {
    fail(*fault);
  } else {
    succeed();
  }
  m_cancel_mark.remove();
}

std::optional<Error> Delivery::attempt() {
  try {
    while_doing(fmt::format("deploying '{}' at {}", m_app, short_commit(m_deployment.event.new_commit)),
                [&] { deliver(); });
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(ErrorKind::internal, error.what());
  }
}

void Delivery::deliver() {
  m_target = m_services.plain_target(m_app, m_deployment.destination.text());
  if (const auto obstacles = m_target->obstacles(); !obstacles.empty()) {
    throw Error(obstacles.front());
  }
  const Release release = produce();
  m_is_under_way = true;
  m_target->deploy(order(), release);
  m_store.queue.publish_release(release.id, release.artifact); // which it had for another deployment until now
}

Release Delivery::produce() {
  if (m_deployment.from_release) {
    if (auto kept = m_store.history.release(m_deployment.release)) {
      return std::move(*kept);
    }
    throw Error(ErrorKind::environment, fmt::format("release {} is not kept any more", m_deployment.release));
  }
  const std::string settings = read_file(m_services.home.app(m_app).settings());
  note_changed_settings(m_store, m_app, settings);
  Release release = m_target->produce(order(), git::Repository::open(m_deployment.event.repository));
  release.id = m_store.queue.add_release(m_deployment.id, release);
  m_store.queue.keep_settings(release.id, {.settings = settings, .pushed = {}, .env = {}});
  return release;
}

bool Delivery::recover() {
  try {
    m_target = m_services.plain_target(m_app, m_deployment.destination.text());
    const auto release = m_store.history.release(m_deployment.release);
    if (release && m_target->is_deployed(m_deployment, *release)) {
      m_store.queue.publish_release(release->id, m_target->current());
      return true;
    }
    m_target->undo(order());
  } catch (const Error& error) { // whoever begins it again finds the same, and fails with it
    m_log.line(fmt::format("warning: {}", error.what()));
  }
  return false;
}

/// Returns what went wrong with it, as the end of a sentence; empty if nothing did.
std::string Delivery::undo() {
  try {
    m_target->undo(order());
    return "";
  } catch (const std::exception& error) {
    return fmt::format("; putting back what ran failed: {}", error.what());
  }
}

void Delivery::succeed() {
  const std::string address = m_target->address();
  m_log.line(fmt::format("live in {}   {}", format_seconds(m_stopwatch.elapsed()), address));
  finish(Status::live, address);
}

void Delivery::fail(const Error& error) {
  const auto who = m_cancel_mark.who();
  if (!who) {
    m_log.line(fmt::format("error: {}", error.what()));
  }
  const std::string fault = m_is_under_way ? undo() : "";
  const std::string running = describe_delivered(m_services, m_store, m_app, m_deployment.destination) + fault;
  const std::string took = format_seconds(m_stopwatch.elapsed());
  if (who) {
    m_log.line(
        fmt::format("CANCELLED in {}   by {}; {}   log: tealhook logs {}", took, *who, running, m_deployment.id));
    finish(Status::cancelled, fmt::format("{}; {}", cancelled_by(*who), running));
  } else {
    m_log.line(fmt::format("FAILED in {}   {}   log: tealhook logs {}   again: {}", took, running, m_deployment.id,
                           command_to_repeat(m_deployment)));
    finish(Status::failed, error.message() + fault);
  }
}

void Delivery::finish(Status status, const std::string& outcome) {
  m_store.queue.finish(m_deployment.id, status, {.text = outcome});
}

void Delivery::step(StepName name, const std::function<std::string()>& work) {
  if (m_cancel_watch.token().stop_requested()) {
    throw Error(ErrorKind::busy, "it was cancelled");
  }
  record_step(m_store, m_log, m_deployment.id, name,
              [&] { return while_doing(describe_doing(name, m_deployment.destination.text()), work); });
}

std::string describe_delivered(Services& services, const Store& store, const std::string& app,
                               const Destination& destination) {
  const std::string& target = destination.text();
  try {
    const std::string artifact = services.plain_target(app, target)->current();
    if (artifact.empty()) {
      return fmt::format("nothing runs on {}", target);
    }
    const auto release = find_release(store, app, target, artifact);
    return release ? fmt::format("{} still runs {} (release {})", target, short_commit(release->commit), release->id)
                   : fmt::format("{} runs '{}', which is no release of ours", target, shorten(printable(artifact), 40));
  } catch (const std::exception&) {
    return fmt::format("what runs on {} cannot be told now (tealhook check says why)", target);
  }
}

} // namespace teal
