#include "deploy/pipeline.hpp"

#include "core/text.hpp"
#include "deploy/address.hpp"
#include "deploy/health.hpp"
#include "deploy/preflight.hpp"
#include "deploy/recovery.hpp"
#include "deploy/retention.hpp"
#include "git/checkout.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

namespace teal {

namespace {

constexpr int k_quoted_log_lines = 50;
constexpr Milliseconds k_fetch_deadline = std::chrono::minutes(10);

/// The most memory this process ever held, in bytes.
std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::string describe(const git::CheckoutResult& result) {
  const std::size_t changed = result.written + result.removed;
  return changed == 0 ? "nothing changed" : fmt::format("{} file{} changed", changed, changed == 1 ? "" : "s");
}

} // namespace

Pipeline::Pipeline(Services& services, Queue& queue, History& history, DeploymentLog& log, const Deployment& deployment)
    : m_services(services), m_queue(queue), m_history(history), m_log(log), m_deployment(deployment),
      m_slot(services.slot(deployment.event.app, deployment.color)),
      m_engine_time_before(services.engine.time_spent()) {}

Status Pipeline::run() {
  m_log.header(m_deployment);
  try {
    deliver();
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::exception& error) {
    return fail(Error(ErrorKind::internal, error.what()));
  }
  succeed();
  clean_up();
  return Status::ready;
}

void Pipeline::deliver() {
  const auto repository = git::Repository::open(m_deployment.event.repository);
  m_plan = plan_for(m_services.home, m_slot.app, repository, m_deployment.event.new_commit);
  preflight(m_services, m_slot, settle(m_services, m_slot), m_plan.settings);
  checkout(repository);
  if (m_plan.settings.deploy.order == DeploySettings::Order::stop_first) {
    make_room();
  }
  build();
  publish();
  pull();
  start();
  check();
}

void Pipeline::checkout(const git::Repository& repository) {
  step(StepName::checkout, [&] {
    const AppFolder folder = m_services.home.app(m_slot.app);
    git::SubmoduleSource submodules(folder.submodules(), m_services.environment, k_fetch_deadline);
    return describe(git::checkout(repository, m_deployment.event.new_commit,
                                  {.work_tree = folder.work_tree(m_slot.color),
                                   .index = folder.checkout_index(m_slot.color),
                                   .submodules = &submodules}));
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
    const auto work_tree = m_services.home.app(m_slot.app).work_tree(m_slot.color);
    const auto& settings = m_plan.settings.build;
    const BuildFiles files = find_build_files(work_tree, settings);
    const std::string image = m_services.image_repository(m_slot.app);
    const auto result = m_services.cli.build(
        {.context = files.context,
         .dockerfile = files.dockerfile,
         .target = settings.target,
         .args = settings.args,
         .labels = {{label::k_app, m_slot.app}, {label::k_commit, m_deployment.event.new_commit}},
         .tags = {image + ":" + m_deployment.event.new_commit, image + ":" + std::string(to_string(m_slot.color))},
         .deadline = m_plan.settings.deploy.build_deadline},
        [&](std::string_view text) { m_log.output(text); });
    return result.layers == 0 ? std::string() : fmt::format("{} of {} layers cached", result.cached, result.layers);
  });
}

/// One tag after the other: a registry that gets two pushes into a repository it does not have yet may fail one of
/// them.
void Pipeline::publish() {
  step(StepName::publish, [&] {
    const std::string repository = m_services.image_repository(m_slot.app);
    const auto sink = [](std::string_view) {};
    m_release = {.app = m_slot.app,
                 .commit = m_deployment.event.new_commit,
                 .subject = m_deployment.event.subject,
                 .repository = repository,
                 .digest = m_services.cli.push(repository, m_deployment.event.new_commit, sink),
                 .created = SystemClock().now()};
    m_services.cli.push(repository, std::string(to_string(m_slot.color)), sink);
    m_release.id = m_queue.add_release(m_deployment.id, m_release);
    return m_release.image();
  });
}

void Pipeline::pull() {
  step(StepName::pull, [&]() -> std::string {
    if (m_services.images.inspect(m_release.image())) {
      return "already here";
    }
    m_services.cli.pull(m_release.image(), [&](std::string_view text) { m_log.output(text); });
    return "";
  });
}

void Pipeline::start() {
  step(StepName::start, [&] {
    const std::uint16_t port = m_plan.settings.ports.at(m_slot.color);
    m_services.docker.prepare({.slot = m_slot,
                               .release = m_release,
                               .settings = m_plan.settings,
                               .env = m_plan.env,
                               .deployment = m_deployment.id});
    m_port_is_handed_over = true;
    try {
      m_services.docker.hand_over(m_slot);
    } catch (const Error&) {
      require_port(m_services, m_slot, port); // says who has it, if that was the cause
      throw;
    }
    return fmt::format("{} on port {}", m_slot.current_name(), port);
  });
}

void Pipeline::check() {
  step(StepName::check, [&] {
    HealthCheck health(m_services.engine, m_plan.settings.health);
    return health.wait_until_healthy({.container = m_slot.next_name(),
                                      .network = network_name(m_slot.app),
                                      .container_port = m_plan.settings.container_port,
                                      .published_address = local_address(m_plan.settings.bind),
                                      .published_port = m_plan.settings.ports.at(m_slot.color)});
  });
  m_services.docker.adopt(m_slot);
}

void Pipeline::succeed() {
  const std::string address = public_address(m_plan.settings, m_slot.color);
  m_log.line(fmt::format("ready in {}   {}", format_seconds(m_stopwatch.elapsed()), address));
  finish(Status::ready, address);
}

/// After the outcome: what is left of the predecessor goes. A failure here is no failure of the deployment, and the
/// next one tries again.
void Pipeline::clean_up() {
  try {
    if (m_plan.settings.deploy.order == DeploySettings::Order::build_first) {
      step(StepName::retire, [&]() -> std::string {
        const bool retired = m_services.docker.retire(m_slot, m_plan.settings.deploy.stop_timeout);
        return retired ? "the old container is gone" : "nothing ran before";
      });
    }
    remove_old_releases(m_services, m_history, m_slot.app, m_plan.settings.deploy.keep_releases);
  } catch (const Error& error) {
    m_log.line(fmt::format("warning: {}", error.what()));
  }
}

void Pipeline::show_last_words() {
  try {
    const std::string log = m_services.docker.containers().last_log(m_slot.next_name(), k_quoted_log_lines);
    if (!log.empty()) {
      m_log.line("the program printed last:");
      m_log.output(log);
    }
  } catch (const Error& error) {
    m_log.line(fmt::format("warning: cannot show what the program printed: {}", error.message()));
  }
}

/// Returns what went wrong with it, as the end of a sentence; empty if nothing did.
std::string Pipeline::undo() {
  try {
    m_services.docker.take_back(m_slot);
    return "";
  } catch (const Error& error) {
    return fmt::format("; putting back what ran failed: {}", error.message());
  }
}

Status Pipeline::fail(const Error& error) {
  m_log.line(fmt::format("error: {}", error.what()));
  std::string undo_fault;
  if (m_port_is_handed_over) {
    show_last_words();
    undo_fault = undo();
  }
  m_log.line(fmt::format("FAILED in {}   {}{}   log: tealhook logs {}", format_seconds(m_stopwatch.elapsed()),
                         describe_running(m_services, m_slot), undo_fault, m_deployment.id));
  finish(Status::failed, error.message() + undo_fault);
  return Status::failed;
}

/// The last line is in the log by now: whoever follows it leaves as soon as the outcome is stored.
void Pipeline::finish(Status status, const std::string& outcome) {
  m_queue.finish(m_deployment.id, status,
                 {.text = outcome,
                  .engine_time = m_services.engine.time_spent() - m_engine_time_before,
                  .peak_memory = peak_memory()});
}

void Pipeline::step(StepName name, const std::function<std::string()>& work) {
  Step done{.name = name, .status = StepStatus::done};
  m_queue.begin_step(m_deployment.id, name);
  const Stopwatch stopwatch;
  const auto end = [&] {
    done.duration = stopwatch.elapsed();
    m_queue.end_step(m_deployment.id, name, done.status, done.duration, done.fact);
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
