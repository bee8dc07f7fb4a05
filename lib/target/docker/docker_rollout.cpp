#include "target/docker/docker_rollout.hpp"

#include "core/text.hpp"
#include "engine/image_push.hpp"
#include "target/docker/artifact.hpp"
#include "target/docker/docker_target.hpp"
#include "target/docker/docker_tasks.hpp"
#include "target/docker/foreign_image.hpp"
#include "target/docker/gate_image.hpp"
#include "target/docker/image_removal.hpp"
#include "target/docker/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace teal {

namespace {

constexpr std::size_t k_quoted_command = 80;
constexpr Milliseconds k_silence_of_publish{3000};
constexpr int k_quoted_log_lines = 50;
constexpr Milliseconds k_proof{1000}; ///< how long a process that answers nothing must run to count as healthy

std::vector<Slot> replicas_of(const Slot& web, std::int64_t count) {
  std::vector<Slot> slots{web};
  for (int number = 2; number <= count; ++number) {
    slots.push_back(web.of_replica(number));
  }
  return slots;
}

} // namespace

DockerRollout::DockerRollout(Services& services, const RolloutOrder& order)
    : m_services(services), m_order(order), m_settings(order.plan.settings), m_web(order.slot),
      m_place(BuildPlace::of(services.home.app(order.slot.app), order.slot.color)),
      m_replicas(replicas_of(m_web, m_settings.run.replicas)), m_crew(services, m_replicas) {
  for (const auto& [process, arguments] : m_settings.run.processes) {
    m_processes.push_back(m_web.of_process(process));
  }
}

Release DockerRollout::produce(const git::Repository& repository) {
  const Event& event = m_order.deployment.event;
  m_order.steps.step(StepName::checkout, [&] {
    return check_out({.repository = repository,
                      .commit = event.new_commit,
                      .place = m_place,
                      .environment = m_services.environment,
                      .interrupt = m_services.engine.interrupt()},
                     [&](const std::string& warning) { m_order.steps.line("warning: " + warning); });
  });
  make_room_first();
  m_order.steps.step(StepName::build, [&] { return build(); });
  m_built = find_built();
  m_tag = event.new_commit;
  return {.app = m_web.app,
          .commit = event.new_commit,
          .subject = event.subject,
          .identity = m_built->id,
          .created = SystemClock().now()};
}

Release DockerRollout::obtain() {
  const Event& event = m_order.deployment.event;
  make_room_first();
  m_order.steps.step(StepName::pull, [&] {
    ForeignImage found = bring_in(m_services,
                                  {.app = m_web.app,
                                   .reference = ImageReference::require(event.artifact),
                                   .color = m_web.color,
                                   .deadline = m_settings.deploy.build_deadline},
                                  [&](std::string_view text) { m_order.steps.output(text); });
    m_built = std::move(found.image);
    return found.fact;
  });
  m_tag = tag_of_image(m_built->id);
  m_is_pulled = true;
  return {.app = m_web.app,
          .commit = commit_of(*m_built),
          .subject = event.subject,
          .identity = m_built->id,
          .created = SystemClock().now()};
}

void DockerRollout::make_room_first() {
  if (m_settings.deploy.order == DeploySettings::Order::stop_first) {
    m_order.steps.step(StepName::retire, [&] { return make_room(); });
  }
}

engine::Image DockerRollout::find_built() {
  const std::string name =
      fmt::format("{}:{}", m_services.image_repository(m_web.app), m_order.deployment.event.new_commit);
  auto image = m_services.images.inspect(name);
  if (!image) {
    throw Error(ErrorKind::environment, fmt::format("the engine has lost '{}', which was just built", name));
  }
  return std::move(*image);
}

/// The plain sequence of `stop-first`: the old container and its image go before the new one is made.
std::string DockerRollout::make_room() {
  for (const auto& [number, container] : m_services.docker.replicas(m_web)) {
    m_services.docker.end(container.id, m_settings.deploy.stop_timeout);
  }
  const auto image = m_services.docker.remove_current(m_web, m_settings.deploy.stop_timeout);
  if (!image) {
    return "nothing ran";
  }
  if (const auto found = m_services.images.inspect(*image)) {
    remove_image(m_services.images, m_services.image_repository(m_web.app), *found);
  }
  return fmt::format("{} and its image removed", m_web.current_name());
}

std::string DockerRollout::build() {
  const Deployment& deployment = m_order.deployment;
  const std::string& commit = deployment.event.new_commit;
  const std::string color(to_string(m_web.color));
  if (take_from_gate(m_services, {m_web.app, commit, deployment.destination, m_settings.build}, {commit, color})) {
    return "built by the gate";
  }
  const std::string image = m_services.image_repository(m_web.app);
  return build_image(m_services, m_settings,
                     {.app = m_web.app,
                      .commit = commit,
                      .work_tree = m_place.work_tree,
                      .tags = {image + ":" + commit, image + ":" + color}},
                     [&](std::string_view text) { m_order.steps.output(text); });
}

std::string DockerRollout::publish(const Release& /*release*/) {
  const std::string repository = m_services.image_repository(m_web.app);
  const std::string digest = push(repository, m_tag);
  const std::string color(to_string(m_web.color));
  try {
    m_services.registry.tag_manifest(m_web.app, digest, color, m_services.engine.interrupt());
  } catch (const Error&) { // it may know the engine alone, by its login or its certificate; and if not, tells it why
    m_services.engine.require_uninterrupted();
    push(repository, color);
  }
  return docker::make_artifact(repository, digest);
}

std::string DockerRollout::push(const std::string& repository, const std::string& tag) {
  std::string told;
  Stopwatch since_told;
  return engine::push_image(m_services.engine,
                            {.repository = repository,
                             .tag = tag,
                             .login = find_login(),
                             .deadline = m_settings.deploy.build_deadline,
                             .on_progress = [&](const engine::PushOutput& output) {
                               if (since_told.elapsed() > k_silence_of_publish && output.text() != told) {
                                 told = output.text();
                                 since_told = Stopwatch();
                                 m_order.steps.line(fmt::format("publish: {}", told));
                               }
                             }});
}

/// As docker does where it cannot tell: the registry may want none.
const std::string& DockerRollout::find_login() {
  if (!m_login) {
    try {
      m_login = m_services.registry_login();
    } catch (const Error& error) {
      m_order.steps.line(fmt::format("warning: publishing without a login: {}", error.message()));
      m_login.emplace();
    }
  }
  return *m_login;
}

void DockerRollout::fetch(const Release& release) {
  if (m_is_pulled) {
    return;
  }
  m_order.steps.step(StepName::pull, [&]() -> std::string {
    if (release.artifact.empty() || m_services.images.inspect(release.artifact)) { // built a moment ago, or kept
      return "already here";
    }
    m_services.cli.pull(
        release.artifact, [&](std::string_view text) { m_order.steps.output(text); }, m_settings.deploy.build_deadline);
    return "";
  });
}

/// Where the settings name none, the lowest of the TCP ports that the image EXPOSEs.
void DockerRollout::settle_port(const Release& release) {
  if (m_settings.container_port != 0) {
    return;
  }
  const auto image = m_built ? m_built : m_services.images.inspect(docker::reference_of(release));
  const std::vector<std::string> exposed = image ? image->exposed : std::vector<std::string>();
  if (const auto port = docker::lowest_tcp_port(exposed)) {
    m_settings.container_port = *port;
    m_order.steps.line(fmt::format("port {}: the image EXPOSEs it", *port));
    return;
  }
  m_settings.container_port = k_usual_port;
  m_port_note = fmt::format("the image EXPOSEs {}, so PORT says {}; where it listens elsewhere, EXPOSE that, or set "
                            "container_port in app.yml",
                            exposed.empty() ? "no port" : "no TCP port, only " + join(exposed, ", "), k_usual_port);
}

RunRequest DockerRollout::request_for(const Slot& slot, const Release& release) const {
  return {.slot = slot,
          .release = release,
          .settings = m_settings,
          .env = m_order.plan.env,
          .deployment = m_order.deployment.id,
          .publish = !m_order.has_router};
}

void DockerRollout::prepare(const Release& release) {
  settle_port(release);
  const Slot task = m_web.of_process(k_task_process);
  DockerTasks tasks(m_services.docker.containers(), m_services.docker.networks());
  run_tasks([&](const std::vector<std::string>& command, const std::string& name) {
    const TaskResult result = tasks.run(request_for(task, release), command, m_settings.deploy.build_deadline);
    m_order.steps.output(result.output);
    if (result.exit_code != 0) {
      throw Error(ErrorKind::environment,
                  fmt::format("'{}' (deploy.before_switch) exited with {}", name, result.exit_code));
    }
  });
}

void DockerRollout::run_tasks(const RunTask& run) {
  if (!m_settings.deploy.before_switch.empty()) {
    m_order.await_published();
  }
  for (const auto& command : m_settings.deploy.before_switch) {
    const Stopwatch stopwatch;
    const std::string name = shorten(printable(join(command, " ")), k_quoted_command);
    run(command, name);
    m_order.steps.line(fmt::format("'{}' done in {}", name, format_seconds(stopwatch.elapsed())));
  }
}

std::string DockerRollout::start(const Release& release) {
  const bool is_one = m_replicas.size() == 1;
  std::vector<Slot> first = m_processes;
  if (is_one) {
    first.insert(first.begin(), m_web);
  }
  for (const Slot& slot : first) {
    m_services.docker.prepare(request_for(slot, release));
    m_is_under_way = true;
  }
  std::optional<engine::Container> web;
  if (is_one) {
    web = m_services.docker.start_beside(m_web);
  } else {
    m_is_under_way = true;
    m_crew.launch(request_for(m_web, release));
  }
  for (const Slot& slot : m_processes) {
    m_services.docker.start_beside(slot);
  }
  return finish_start(web);
}

void DockerRollout::set_shape(std::uint16_t port, const std::vector<std::string>& processes) {
  m_settings.container_port = port;
  m_settings.run.processes.clear();
  m_processes.clear();
  for (const std::string& process : processes) {
    m_settings.run.processes[process] = {};
    m_processes.push_back(m_web.of_process(process));
  }
}

std::string DockerRollout::finish_start(const std::optional<engine::Container>& next_web) {
  m_since_start = Stopwatch();
  std::vector<std::string> names;
  for (const auto* slots : {&m_replicas, &m_processes}) {
    for (const Slot& slot : *slots) {
      names.push_back(slot.current_name());
    }
  }
  if (m_order.has_router) {
    return join(names, ", ");
  }
  take_port(next_web.value());
  return fmt::format("{} on port {}", join(names, ", "), m_settings.ports.at(m_web.color));
}

void DockerRollout::take_port(const engine::Container& next) {
  m_order.await_published();
  try {
    m_services.docker.take_port(m_web, next);
  } catch (const Error&) {
    require_port(m_services, m_web, m_settings.ports.at(m_web.color)); // says who has it, if that was the cause
    throw;
  }
}

std::string DockerRollout::check() {
  std::string answer = m_crew.prove(
      m_settings.health, {.container = {},
                          .network = network_name(m_web.app),
                          .container_port = m_settings.container_port,
                          .published_address = m_services.published_address(m_settings.bind),
                          .published_port = m_order.has_router ? std::uint16_t{0} : m_settings.ports.at(m_web.color),
                          .port_note = m_port_note});
  for (const Slot& slot : m_processes) {
    prove_running(slot);
  }
  return answer;
}

/// A process that answers no requests is healthy if it has run for a while.
void DockerRollout::prove_running(const Slot& slot) {
  engine::Containers& containers = m_services.docker.containers();
  const Milliseconds proof = std::max(m_settings.health.settle, k_proof);
  const Milliseconds left = proof - m_since_start.elapsed();
  const bool ended = left > Milliseconds(0) && containers.ends_within(slot.next_name(), left);
  const auto next = m_services.docker.find_next(slot);
  if (ended || !next || !next->running) {
    throw Error(ErrorKind::environment, fmt::format("process '{}' {}", slot.process,
                                                    next ? describe_exit(containers.await_cause(*next)) : "is gone"));
  }
}

void DockerRollout::confirm() {
  m_crew.confirm();
  for (const Slot& slot : m_processes) {
    m_services.docker.confirm(slot);
  }
  if (m_order.has_router) {
    m_services.docker.withdraw(m_web); // what was made without a router has a port that the router is to have
  }
}

Running DockerRollout::successor() {
  std::vector<Running> all = m_crew.successors();
  Running first = std::move(all.front());
  first.replicas.assign(std::make_move_iterator(all.begin() + 1), std::make_move_iterator(all.end()));
  return first;
}

/// Processes and replicas that the color had before, and has no more, go with what it ran.
std::string DockerRollout::take_over() {
  m_crew.adopt();
  for (const Slot& slot : m_processes) {
    m_services.docker.adopt(slot);
  }
  m_is_under_way = false;
  try {
    for (const Slot& slot : m_services.docker.others(m_web)) {
      const bool stays = slot.process.empty() ? slot.replica <= m_settings.run.replicas
                                              : m_settings.run.processes.contains(slot.process);
      if (!stays) {
        m_services.docker.retire(slot);
      }
    }
    return "";
  } catch (const Error& error) {
    return error.message();
  }
}

std::string DockerRollout::last_words() {
  std::string words;
  for (const auto* slots : {&m_replicas, &m_processes}) {
    for (const Slot& slot : *slots) {
      if (m_services.docker.find_next(slot)) { // it may have failed before that was made
        words += m_services.docker.containers().last_log(slot.next_name(), k_quoted_log_lines);
      }
    }
  }
  return words;
}

} // namespace teal
