#include "deploy/pipeline.hpp"

#include "core/text.hpp"
#include "deploy/gate.hpp"
#include "deploy/recovery.hpp"
#include "engine/push_output.hpp"
#include "process/atomic_file.hpp"
#include "target/docker/address.hpp"
#include "target/docker/build.hpp"
#include "target/docker/preflight.hpp"
#include "traffic/router_start.hpp"
#include "traffic/settle.hpp"
#include "traffic/ways_in.hpp"
#include "upkeep/retention.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

namespace teal {

namespace {

constexpr std::size_t k_quoted_command = 80;
constexpr Milliseconds k_silence_of_publish{3000};

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

} // namespace

Pipeline::Pipeline(Services& services, Store& store, DeploymentLog& log, const Deployment& deployment,
                   std::optional<FileLock> build_lock)
    : m_services(services), m_store(store), m_log(log), m_deployment(deployment), m_build_lock(std::move(build_lock)),
      m_cancel_mark(services.home.app(deployment.event.app), deployment.id), m_cancel_watch(m_cancel_mark),
      m_slot(services.slot(deployment.event.app, deployment.color)), m_traffic(services, store, m_slot.app),
      m_engine_time_before(services.engine.time_spent()) {
  services.engine.interrupt_by(m_cancel_watch.token());
}

Pipeline::~Pipeline() {
  m_services.engine.interrupt_by({}); // the next deployment is another one
  m_cancel_mark.remove();
}

Status Pipeline::run() {
  m_log.header(m_deployment);
  try {
    deliver();
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::exception& error) {
    return fail(Error(ErrorKind::internal, error.what()));
  }
  return succeed();
}

void Pipeline::deliver() {
  if (const std::string done = ensure_router(m_services); !done.empty()) {
    m_log.line(done);
  }
  if (m_deployment.from_release) {
    m_release = require_release(m_store.history, m_deployment.release);
    m_plan = plan_for_release(m_services.home, m_slot.app, kept_settings(m_services.home, m_store.history, m_release));
    require_entrance(m_services, m_slot, settle(m_services, m_slot), m_plan.settings);
  } else {
    produce();
    m_build_lock.reset();
  }
  m_store.queue.keep_settings(m_release.id, m_plan.texts);
  pull();
  prepare();
  roll_out();
}

/// From the commit to a release.
void Pipeline::produce() {
  const auto repository = git::Repository::open(m_deployment.event.repository);
  m_plan = plan_for(m_services.home, m_slot.app, repository, m_deployment.event.new_commit);
  require_registry(m_services);
  require_free_disk(m_services);
  require_addresses(m_services, m_slot, m_plan.settings);
  require_entrance(m_services, m_slot, settle(m_services, m_slot), m_plan.settings);
  checkout(repository);
  if (m_plan.settings.deploy.order == DeploySettings::Order::stop_first) {
    make_room();
  }
  build();
  publish();
}

void Pipeline::checkout(const git::Repository& repository) {
  step(StepName::checkout, [&] {
    return check_out(m_services, repository, m_deployment.event.new_commit, build_place(),
                     [&](const std::string& warning) { m_log.line("warning: " + warning); });
  });
}

/// The plain sequence of `stop-first`: the old container and its image go before the new one is built.
void Pipeline::make_room() {
  step(StepName::retire, [&]() -> std::string {
    const auto image = m_services.docker.remove_current(m_slot, m_plan.settings.deploy.stop_timeout);
    if (!image) {
      return "nothing ran";
    }
    remove_image(m_services.images, m_services.image_repository(m_slot.app), *image);
    return fmt::format("{} and its image removed", m_slot.current_name());
  });
}

void Pipeline::build() {
  step(StepName::build, [&] {
    const std::string& commit = m_deployment.event.new_commit;
    const std::string color(to_string(m_slot.color));
    const std::string door = m_deployment.to_idle ? "live" : color;
    if (take_from_gate(m_services, {m_slot.app, commit, door, m_plan.settings.build}, {commit, color})) {
      return std::string("built by the gate");
    }
    const std::string image = m_services.image_repository(m_slot.app);
    return build_image(m_services, m_plan.settings,
                       {.app = m_slot.app,
                        .commit = commit,
                        .work_tree = build_place().work_tree,
                        .tags = {image + ":" + commit, image + ":" + color}},
                       [&](std::string_view text) { m_log.output(text); });
  });
}

BuildPlace Pipeline::build_place() const {
  return BuildPlace::of(m_services.home.app(m_slot.app), m_slot.color);
}

/// One tag after the other: a registry that gets two pushes into a repository it does not have yet may fail one of
/// them.
void Pipeline::publish() {
  step(StepName::publish, [&] {
    const std::string repository = m_services.image_repository(m_slot.app);
    engine::PushProgress progress;
    std::string told;
    Stopwatch since_told;
    const auto sink = [&](std::string_view text) {
      progress.feed(text);
      if (since_told.elapsed() > k_silence_of_publish && progress.text() != told) {
        told = progress.text();
        since_told = Stopwatch();
        m_log.line(fmt::format("publish: {}", told));
      }
    };
    const Milliseconds deadline = m_plan.settings.deploy.build_deadline;
    m_release = {.app = m_slot.app,
                 .commit = m_deployment.event.new_commit,
                 .subject = m_deployment.event.subject,
                 .repository = repository,
                 .digest = m_services.cli.push(repository, m_deployment.event.new_commit, sink, deadline),
                 .created = SystemClock().now()};
    m_services.cli.push(repository, std::string(to_string(m_slot.color)), sink, deadline);
    m_release.id = m_store.queue.add_release(m_deployment.id, m_release);
    return m_release.image();
  });
}

void Pipeline::pull() {
  step(StepName::pull, [&]() -> std::string {
    if (m_services.images.inspect(m_release.image())) {
      return "already here";
    }
    m_services.cli.pull(
        m_release.image(), [&](std::string_view text) { m_log.output(text); }, m_plan.settings.deploy.build_deadline);
    return "";
  });
}

/// One-off tasks, such as a database's migrations, before anything of the new release runs.
void Pipeline::prepare() {
  for (const auto& command : m_plan.settings.deploy.before_switch) {
    const Stopwatch stopwatch;
    const std::string name = shorten(printable(join(command, " ")), k_quoted_command);
    const TaskResult result = m_services.docker.run_task({.slot = m_slot.of_process(k_task_process),
                                                          .release = m_release,
                                                          .settings = m_plan.settings,
                                                          .env = m_plan.env,
                                                          .deployment = m_deployment.id,
                                                          .publish = false},
                                                         command, m_plan.settings.deploy.build_deadline);
    m_log.output(result.output);
    if (result.exit_code != 0) {
      throw Error(ErrorKind::environment,
                  fmt::format("'{}' (deploy.before_switch) exited with {}", name, result.exit_code));
    }
    m_log.line(fmt::format("'{}' done in {}", name, format_seconds(stopwatch.elapsed())));
  }
}

void Pipeline::roll_out() {
  m_rollout.emplace(m_services, m_traffic, m_plan, m_deployment);
  step(StepName::start, [&] { return m_rollout->start(m_release); });
  step(StepName::check, [&] { return m_rollout->check(); });
  if (!m_cancel_mark.close()) {
    throw Error(ErrorKind::busy, "it was cancelled");
  }
  if (m_services.router) {
    step(StepName::switch_, [&] { return m_rollout->take_over(); });
  } else {
    m_rollout->take_over();
  }
}

Status Pipeline::succeed() {
  const Status status = m_rollout->is_live() ? Status::live : Status::ready;
  if (status == Status::live) {
    m_traffic.note_live(m_slot.color, m_rollout->container(), m_deployment.event.who);
  }
  const std::string address = status == Status::live ? live_address(m_services.settings.router, m_plan.settings)
                                                     : public_address(m_plan.settings, m_slot.color);
  const std::string traffic = status == Status::live ? "" : m_traffic.describe();
  m_log.line(fmt::format("{} in {}   {}{}{}", to_string(status), format_seconds(m_stopwatch.elapsed()), address,
                         traffic.empty() ? "" : "   ", traffic));
  finish(status, address);
  return status;
}

void Pipeline::show_last_words() {
  try {
    const std::string log = m_rollout->last_words();
    if (!log.empty()) {
      m_log.line("the program printed last:");
      m_log.output(log);
    }
  } catch (const Error& error) {
    m_log.line(fmt::format("warning: cannot show what the program printed: {}", error.message()));
  }
}

/// Nothing of it has taken over.
Status Pipeline::end_cancelled(const std::string& who) {
  m_services.engine.interrupt_by({}); // to undo it takes the time that it takes
  const std::string undo_fault = m_rollout && m_rollout->is_under_way() ? m_rollout->undo() : "";
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
    show_last_words();
    undo_fault = m_rollout->undo();
  }
  m_log.line(fmt::format("FAILED in {}   {}{}   log: tealhook logs {}", format_seconds(m_stopwatch.elapsed()),
                         describe_running(m_services, m_slot), undo_fault, m_deployment.id));
  finish(Status::failed, error.message() + undo_fault);
  return Status::failed;
}

/// The last line is in the log by now: whoever follows it leaves as soon as the outcome is stored.
void Pipeline::finish(Status status, const std::string& outcome) {
  m_store.queue.finish(m_deployment.id, status,
                       {.text = outcome,
                        .engine_time = m_services.engine.time_spent() - m_engine_time_before,
                        .peak_memory = peak_memory()});
}

void Pipeline::step(StepName name, const std::function<std::string()>& work) {
  Step done{.name = name, .status = StepStatus::done};
  m_services.engine.require_uninterrupted();
  m_store.queue.begin_step(m_deployment.id, name);
  const Stopwatch stopwatch;
  const auto end = [&] {
    done.duration = stopwatch.elapsed();
    m_store.queue.end_step(m_deployment.id, name, done.status, done.duration, done.fact);
    m_log.step(done);
  };
  try {
    done.fact = work();
  } catch (...) {
    done.status = StepStatus::failed;
    end();
    throw;
  }
  end();
}

} // namespace teal
