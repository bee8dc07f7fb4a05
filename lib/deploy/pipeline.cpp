#include "deploy/pipeline.hpp"

#include "core/text.hpp"
#include "deploy/recovery.hpp"
#include "deploy/scale.hpp"
#include "process/atomic_file.hpp"
#include "target/address.hpp"
#include "traffic/router_start.hpp"
#include "traffic/settle.hpp"
#include "traffic/ways_in.hpp"
#include "upkeep/settings_change.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

namespace teal {

namespace {

/// The most memory this process ever held, in bytes.
std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

Release require_release(const History& history, std::int64_t id) {
  if (auto release = history.release(id)) {
    return std::move(*release);
  }
  throw Error(ErrorKind::environment, fmt::format("release {} is not kept any more", id));
}

/// A release of before settings were kept runs with those of now.
ReleaseSettings kept_settings(const Home& home, const History& history, const Release& release) {
  if (auto kept = history.release_settings(release.id)) {
    return std::move(*kept);
  }
  return {.settings = read_file(home.app(release.app).settings()), .pushed = {}, .env = {}};
}

std::string what_of(const Event& event) {
  return event.artifact.empty() ? std::string(short_commit(event.new_commit)) : event.ref;
}

/// What requests go to, as people are told.
std::string describe_coming(const AppSettings& settings, const Deployment& deployment) {
  const std::int64_t replicas = settings.run.replicas;
  if (replicas > 1) {
    return fmt::format("{} replicas", replicas);
  }
  return deployment.replicas > 0 ? "one replica" : "the successor";
}

/// What a step does, as the trail of its error says it.
std::string describe_doing(StepName step, const Slot& slot) {
  switch (step) {
  case StepName::checkout:
    return "checking out the commit";
  case StepName::build:
    return "building the image";
  case StepName::publish:
    return "publishing the image";
  case StepName::pull:
    return "pulling the image";
  case StepName::start:
    return fmt::format("starting slot '{}'", to_string(slot.color));
  case StepName::check:
    return fmt::format("checking slot '{}'", to_string(slot.color));
  case StepName::switch_:
    return fmt::format("moving requests to slot '{}'", to_string(slot.color));
  case StepName::drain:
  case StepName::retire:
    break;
  }
  return fmt::format("retiring what ran in slot '{}'", to_string(slot.color));
}

} // namespace

Pipeline::Pipeline(const FileLock& app_lock, Services& services, Store& store, DeploymentLog& log,
                   const Deployment& deployment, std::optional<FileLock> build_lock)
    : m_app_lock(app_lock), m_services(services), m_store(store), m_log(log), m_deployment(deployment),
      m_build_lock(std::move(build_lock)), m_cancel_mark(services.home.app(deployment.event.app), deployment.id),
      m_cancel_watch(m_cancel_mark), m_cancellation(m_cancel_watch.token(), [this] { m_interrupt.request_stop(); }),
      m_slot(services.slot(deployment.event.app, deployment.color.value())), m_target(services.target(m_slot.app)),
      m_traffic(services, store, m_slot.app), m_engine_time_before(services.engine.time_spent()) {
  services.engine.interrupt_by(m_interrupt.get_token());
}

Pipeline::~Pipeline() {
  m_cancel_mark.remove();
}

Status Pipeline::run() {
  m_log.header(m_deployment);
  const auto fault = attempt();
  m_services.engine.interrupt_by({}); // what is left to do takes the time that it takes
  if (fault) {
    if (!m_has_taken_over) {
      return fail(*fault);
    }
    m_log.line(fmt::format("warning: {}", fault->what())); // it serves all the same
  }
  return succeed();
}

/// Returns why it ended before all was done.
std::optional<Error> Pipeline::attempt() {
  try {
    while_doing(fmt::format("deploying '{}' at {}", m_slot.app, what_of(m_deployment.event)), [&] { deliver(); });
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(ErrorKind::internal, error.what());
  }
}

void Pipeline::deliver() {
  if (const std::string done = ensure_router(m_services); !done.empty()) {
    m_log.line(done);
  }
  if (m_deployment.from_release) {
    take_kept_release();
  } else {
    produce();
  }
  if (!m_deployment.is_restart && m_deployment.replicas == 0) {
    m_store.queue.keep_settings(m_release.id, m_plan.texts);
  }
  if (!m_deployment.from_release) {
    begin_publishing();
  }
  try {
    bring_up();
  } catch (...) {
    if (m_publication) {
      m_publication->fail_too();
    }
    throw;
  }
}

/// The step begins here, so that it stands before those that go on beside it.
void Pipeline::begin_publishing() {
  begin_step(StepName::publish);
  m_publication.emplace(m_interrupt, [this] {
    carry_out(StepName::publish, [&] {
      std::string artifact = m_rollout->publish(m_release);
      const std::lock_guard lock(m_storing);
      m_store.queue.publish_release(m_release.id, artifact);
      return artifact;
    });
    m_build_lock.reset();
  });
}

void Pipeline::await_published() {
  if (m_publication) {
    m_publication->await();
  }
}

void Pipeline::bring_up() {
  if (m_plan.settings.deploy.order == DeploySettings::Order::stop_first) {
    await_published(); // one after the other: there is no room for both
  }
  m_rollout->fetch(m_release);
  m_rollout->prepare(m_release);
  roll_out();
}

void Pipeline::begin_rollout() {
  m_rollout = m_target.roll_out({.slot = m_slot,
                                 .plan = m_plan,
                                 .deployment = m_deployment,
                                 .steps = *this,
                                 .has_router = m_services.router != nullptr,
                                 .await_published = [this] { await_published(); }});
  m_takeover.emplace(m_traffic, m_plan.settings,
                     TakeoverRequest{.color = m_slot.color,
                                     .follow = m_deployment.destination.moves_traffic(),
                                     .who = m_deployment.event.who,
                                     .what = describe_coming(m_plan.settings, m_deployment)});
}

void Pipeline::take_kept_release() {
  const auto current = settle(m_app_lock, m_services, m_slot).current;
  m_release = require_release(m_store.history, m_deployment.release);
  const bool goes_on = m_deployment.is_restart || m_deployment.replicas > 0;
  if (goes_on && current && current->release != m_release.id) {
    m_release = require_release(m_store.history, current->release);
    m_store.queue.set_release(m_deployment.id, m_release.id);
    m_log.line(fmt::format("{} runs {} \"{}\" by now: that is {}", to_string(m_slot.color),
                           short_commit(m_release.commit), m_release.subject,
                           m_deployment.is_restart ? "started anew" : "scaled"));
  }
  const ReleaseSettings kept = kept_settings(m_services.home, m_store.history, m_release);
  if (m_deployment.is_restart) {
    m_plan = plan_for_restart(m_services.home, m_release, kept);
    note_changed_settings(m_store, m_slot.app, m_plan.texts.settings);
  } else {
    m_plan = plan_for_release(m_services.home, m_slot.app, kept);
  }
  if (m_deployment.replicas > 0) {
    m_plan.settings.run.replicas = m_deployment.replicas;
  }
  require_entrance(m_services, m_slot, current, m_plan.settings);
  begin_rollout();
}

/// From the commit, or from what was built elsewhere, to a release.
void Pipeline::produce() {
  const Event& event = m_deployment.event;
  std::optional<git::Repository> repository;
  if (event.artifact.empty()) {
    repository = git::Repository::open(event.repository);
  }
  m_plan = repository ? plan_for(m_services.home, m_slot.app, *repository, event.new_commit)
                      : plan_of_app(m_services.home, m_slot.app);
  if (!m_plan.notes.empty()) {
    m_log.line(fmt::format("of the commit: {}", join(m_plan.notes, "; ")));
  }
  if (const auto obstacles = m_target.obstacles(m_slot, m_plan.settings); !obstacles.empty()) {
    throw Error(obstacles.front());
  }
  require_entrance(m_services, m_slot, settle(m_app_lock, m_services, m_slot).current, m_plan.settings);
  begin_rollout();
  note_changed_settings(m_store, m_slot.app, m_plan.texts.settings);
  m_release = repository ? m_rollout->produce(*repository) : m_rollout->obtain();
  m_release.id = m_store.queue.add_release(m_deployment.id, m_release);
}

void Pipeline::roll_out() {
  step(StepName::start, [&] { return m_rollout->start(m_release); });
  step(StepName::check, [&] { return m_rollout->check(); });
  await_published();
  if (!m_cancel_mark.close()) { // from here on, who cancels is told that it takes over
    throw Error(ErrorKind::busy, "it was cancelled");
  }
  if (m_deployment.is_restart) { // one that fails leaves those that the release runs with
    m_store.queue.keep_settings(m_release.id, m_plan.texts);
  }
  if (m_services.router) {
    step(StepName::switch_, [&] { return take_over(); });
  } else {
    static_cast<void>(take_over());
  }
}

std::string Pipeline::take_over() {
  m_rollout->confirm();
  std::string fact;
  if (m_services.router) {
    const Running successor = m_rollout->successor();
    fact = m_takeover->move(successor);
    if (m_takeover->is_live()) {
      m_live = successor;
    }
  }
  std::string left = m_rollout->take_over();
  m_has_taken_over = true;
  try {
    retire_left();
  } catch (const Error& error) { // it serves all the same
    left = error.message();
  }
  return left.empty() ? fact : fmt::format("{}; what it leaves is not stopped: {}", fact, left);
}

/// A color that is not to run on.
void Pipeline::retire_left() {
  if (const auto left = m_takeover->left()) {
    m_target.retire(m_services.slot(m_slot.app, *left));
  }
}

Status Pipeline::succeed() {
  const Status status = m_live ? Status::live : Status::ready;
  if (m_live && m_deployment.replicas == 0) { // else what is live stays so
    m_traffic.note_live(m_slot.color, *m_live, m_deployment.event.who);
  }
  if (m_deployment.replicas > 0) {
    const std::string fault = keep_replicas(m_services.home, m_store, m_deployment);
    m_log.line(fault.empty() ? fmt::format("app.yml: run.replicas: {}", m_deployment.replicas) : "warning: " + fault);
  }
  const std::string address = status == Status::live
                                  ? live_address(m_services.settings.router, m_plan.settings)
                                  : public_address(m_plan.settings, m_slot.color, m_services.published_host());
  const std::string traffic = status == Status::live ? "" : describe_traffic();
  m_log.line(fmt::format("{} in {}   {}{}{}", to_string(status), format_seconds(m_stopwatch.elapsed()), address,
                         traffic.empty() ? "" : "   ", traffic));
  finish(status, address);
  return status;
}

/// Where live traffic goes; empty where that cannot be told now: what was deployed serves all the same.
std::string Pipeline::describe_traffic() {
  try {
    return m_traffic.describe();
  } catch (const std::exception&) {
    return "";
  }
}

void Pipeline::show_last_words() {
  try {
    const std::string words = m_rollout->last_words();
    if (!words.empty()) {
      m_log.line("the program printed last:");
      m_log.output(words);
    }
  } catch (const std::exception& error) {
    m_log.line(fmt::format("warning: cannot show what the program printed: {}", error.what()));
  }
}

/// Returns what went wrong with it, as the end of a sentence; empty if nothing did.
std::string Pipeline::undo() {
  try {
    m_takeover->undo();
    settle(m_app_lock, m_services, m_slot, m_deployment.id);
    return "";
  } catch (const std::exception& error) {
    return fmt::format("; putting back what ran failed: {}", error.what());
  }
}

/// Nothing of it has taken over.
Status Pipeline::end_cancelled(const std::string& who) {
  const std::string undo_fault = m_rollout && m_rollout->is_under_way() ? undo() : "";
  const std::string running = describe_running(m_services, m_slot) + undo_fault;
  m_log.line(fmt::format("CANCELLED in {}   by {}; {}   log: tealhook logs {}", format_seconds(m_stopwatch.elapsed()),
                         who, running, m_deployment.id));
  finish(Status::cancelled, fmt::format("{}; {}", cancelled_by(who), running));
  return Status::cancelled;
}

Status Pipeline::fail(const Error& error) {
  if (const auto who = m_cancel_mark.who()) {
    return end_cancelled(*who);
  }
  m_log.line(fmt::format("error: {}", error.what()));
  std::string undo_fault;
  if (m_rollout && m_rollout->is_under_way()) {
    if (!m_publication || !m_publication->has_failed_first()) {
      show_last_words();
    }
    undo_fault = undo();
  }
  m_log.line(fmt::format("FAILED in {}   {}{}   log: tealhook logs {}   again: {}",
                         format_seconds(m_stopwatch.elapsed()), describe_running(m_services, m_slot), undo_fault,
                         m_deployment.id, command_to_repeat(m_deployment)));
  const bool passes = may_pass(error, m_failure, m_services.engine);
  finish(Status::failed, error.message() + undo_fault,
         passes ? pause_before_retry(m_services.home, m_deployment) : std::nullopt);
  return Status::failed;
}

/// The last line is in the log by now: whoever follows it leaves as soon as the outcome is stored.
void Pipeline::finish(Status status, const std::string& outcome, std::optional<Milliseconds> pause_before_retry) {
  const Queue::Outcome all{.text = outcome,
                           .engine_time = m_services.engine.time_spent() - m_engine_time_before,
                           .peak_memory = peak_memory()};
  if (pause_before_retry) {
    m_store.queue.fail_for_now(m_deployment.id, all, *pause_before_retry);
  } else {
    m_store.queue.finish(m_deployment.id, status, all);
  }
}

void Pipeline::step(StepName name, const Work& work) {
  begin_step(name);
  carry_out(name, work);
}

void Pipeline::begin_step(StepName name) {
  m_services.engine.require_uninterrupted();
  const std::lock_guard lock(m_storing);
  m_failure.has_begun = true;
  m_store.queue.begin_step(m_deployment.id, name);
}

void Pipeline::carry_out(StepName name, const Work& work) {
  Step done{.name = name, .status = StepStatus::done};
  const Stopwatch stopwatch;
  try {
    done.fact = while_doing(describe_doing(name, m_slot), work);
  } catch (...) {
    done.status = StepStatus::failed;
    done.duration = stopwatch.elapsed();
    if (is_cut_short()) {
      done.fact = "ended, for another step has failed";
    } else {
      const std::lock_guard lock(m_storing);
      m_failure.step = m_failure.step.value_or(name);
    }
    try {
      end_step(done);
    } catch (const Error& error) {
      m_log.line(fmt::format("warning: {}", error.what())); // why the step failed counts more
    }
    throw;
  }
  done.duration = stopwatch.elapsed();
  end_step(done);
}

void Pipeline::end_step(const Step& done) {
  {
    const std::lock_guard lock(m_storing);
    m_store.queue.end_step(m_deployment.id, done.name, done.status, done.duration, done.fact);
  }
  m_log.step(done);
}

/// By a step that goes on beside, and not by somebody who cancels all of it.
bool Pipeline::is_cut_short() const {
  return m_interrupt.stop_requested() && !m_cancel_watch.token().stop_requested();
}

} // namespace teal
