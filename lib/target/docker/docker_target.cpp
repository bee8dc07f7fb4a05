#include "target/docker/docker_target.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "target/docker/artifact.hpp"
#include "target/docker/docker_rollout.hpp"
#include "target/docker/docker_scaling.hpp"
#include "target/docker/docker_tasks.hpp"
#include "target/docker/image_removal.hpp"
#include "target/docker/preflight.hpp"
#include "target/docker/revival.hpp"
#include "target/docker/settle.hpp"
#include "target/services.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr int k_quoted_lines = 5;

/// What both views of a container have.
template <class Container>
Running with_labels(const Container& container) {
  return {.id = container.id,
          .name = container.name,
          .runs = container.running,
          .state = container.status,
          .app = engine::label_of(container.labels, label::k_app),
          .color = parse_color(engine::label_of(container.labels, label::k_color)),
          .deployment = engine::number_in_label(container.labels, label::k_deployment),
          .release = engine::number_in_label(container.labels, label::k_release),
          .commit = engine::label_of(container.labels, label::k_commit),
          .port = engine::port_in_label(container.labels, label::k_port),
          .replica =
              static_cast<int>(std::max(std::int64_t{1}, engine::number_in_label(container.labels, label::k_replica)))};
}

/// In the app's network; or, on another host behind a router here, where that publishes it.
void locate(Running& running, const engine::Labels& labels, const std::map<std::string, std::string>& networks) {
  const auto found = networks.find(network_name(running.app));
  running.address = found == networks.end() ? "" : found->second;
  const std::string at = engine::label_of(labels, label::k_reached_at);
  if (const auto colon = at.find(':'); colon != std::string::npos && !running.address.empty()) {
    running.address = at.substr(0, colon);
    running.port = parse_port(at.substr(colon + 1)).value_or(0);
  }
}

Running summed_up(const engine::ContainerSummary& container) {
  Running running = with_labels(container);
  running.runs = container.has_processes();
  locate(running, container.labels, container.networks);
  return running;
}

std::optional<Running> optional_running(const std::optional<engine::Container>& container) {
  return container ? std::optional(running_of(*container)) : std::nullopt;
}

} // namespace

void ask_as_router(HealthSubject& subject, const Running& running) {
  if (running.published == 0) {
    subject.published_address = running.address;
    subject.published_port = running.port;
  }
}

Running running_of(const engine::Container& container) {
  Running running = with_labels(container);
  if (container.running) {
    locate(running, container.labels, container.addresses);
  }
  running.published = publishes_color(container) ? container.ports.front().host_port : std::uint16_t{0};
  running.has_published_port =
      running.published != 0 && container.running && container.addresses.contains(network_name(running.app));
  return running;
}

std::vector<Running> replicas_of(DockerSlots& docker, const Slot& web) {
  std::vector<Running> found;
  for (const auto& [number, container] : docker.replicas(web)) {
    found.push_back(summed_up(container));
  }
  return found;
}

std::unique_ptr<Rollout> DockerTarget::roll_out(const RolloutOrder& order) {
  if (order.plan.settings.run.replicas > 1) {
    require_router_for_replicas(m_services, order.slot.app);
  }
  if (order.deployment.replicas > 0) {
    return std::make_unique<DockerScaling>(m_services, order);
  }
  return std::make_unique<DockerRollout>(m_services, order);
}

std::vector<Error> DockerTarget::obstacles(const Slot& slot, const AppSettings& settings) {
  std::vector<Error> found;
  const auto look = [&](const auto& require) {
    try {
      require();
    } catch (const Error& error) {
      found.push_back(error);
    }
  };
  look([&] { require_registry(m_services); });
  look([&] { require_free_disk(m_services); });
  look([&] { require_addresses(m_services, slot, settings); });
  if (settings.run.replicas > 1) {
    look([&] { require_router_for_replicas(m_services, slot.app); });
  }
  return found;
}

void DockerTarget::require_port(const Slot& slot, const std::optional<Running>& current, const AppSettings& settings) {
  const std::uint16_t port = settings.ports.at(slot.color);
  if (!current || !current->has_published_port || current->published != port) {
    teal::require_port(m_services, slot, port);
  }
}

std::optional<Running> DockerTarget::current(const Slot& slot) {
  auto running = optional_running(m_services.docker.find_current(slot));
  if (running && m_services.router) {
    running->replicas = replicas_of(m_services.docker, slot);
  }
  return running;
}

std::optional<Running> DockerTarget::find(const std::string& id) {
  return optional_running(m_services.docker.containers().inspect(id));
}

std::vector<Running> DockerTarget::all() {
  std::vector<Running> found;
  for (const auto& container : m_services.docker.containers().list({{label::k_home, m_services.home.root.string()}})) {
    found.push_back(summed_up(container));
  }
  return found;
}

Settled DockerTarget::settle(const FileLock& /*app_lock*/, const Slot& slot, const FindRouted& find_routed,
                             std::int64_t failed) {
  const bool had_next = teal::settle(m_services.docker, slot, find_routed, failed);
  return {.current = current(slot), .had_successor = had_next};
}

void DockerTarget::retire(const Slot& slot) {
  for (const Slot& other : m_services.docker.others(slot)) {
    m_services.docker.retire(other);
  }
  m_services.docker.retire(slot);
}

std::vector<Running> DockerTarget::retired(const Slot& any) {
  std::vector<Running> found;
  for (const auto& container : m_services.docker.retired(any)) {
    found.push_back(summed_up(container));
  }
  return found;
}

void DockerTarget::end(const Running& retired, Milliseconds stop_timeout) {
  engine::Engine engine(m_services.engine.access(), m_services.engine.timeout()); // a connection of its own
  m_services.docker.over(engine).end(retired.id, stop_timeout);
}

void DockerTarget::tidy(const Slot& slot) {
  m_services.docker.finish_start(slot);
}

HealthSubject DockerTarget::subject_of(const Running& running) const {
  const AppSettings now = load_app_settings(m_services.home, running.app);
  HealthSubject subject{.container = running.id,
                        .network = network_name(running.app),
                        .container_port = running.port != 0 ? running.port : k_usual_port,
                        .published_address = m_services.published_address(now.bind),
                        .published_port = running.published};
  if (!m_services.engine.is_local()) {
    ask_as_router(subject, running);
  }
  return subject;
}

Probe DockerTarget::probe(const Running& running, const HealthSettings& health) {
  engine::Engine engine(m_services.engine.access(), m_services.engine.timeout()); // a connection of its own
  return HealthCheck(engine, health).look(subject_of(running));
}

void DockerTarget::prove(const Running& running, const HealthSettings& health) {
  engine::Engine engine(m_services.engine.access(), m_services.engine.timeout()); // a connection of its own
  try {
    static_cast<void>(HealthCheck(engine, health).wait_until_healthy(subject_of(running)));
  } catch (const Error& error) {
    engine::Containers containers(engine);
    throw Error(error.kind(), error.message() + quote_last_words(containers, running.id, k_quoted_lines));
  }
}

const std::optional<engine::EngineLife>& DockerTarget::life() {
  if (!m_life) {
    m_life = engine::find_life(m_services.engine);
  }
  return *m_life;
}

Revival DockerTarget::revive(const Slot& slot, const Tell& tell) {
  return teal::revive(m_services.docker, slot, life(), tell);
}

/// Of what the slot's release runs; what answers requests last, so that nobody asks it before its helpers are there.
std::vector<Slot> DockerTarget::slots_of(const Slot& slot) {
  std::vector<Slot> slots = m_services.docker.others(slot);
  std::erase_if(slots, [](const Slot& one) { return one.process == k_task_process; });
  slots.push_back(slot);
  return slots;
}

void DockerTarget::stop(const Slot& slot, Milliseconds stop_timeout) {
  for (const Slot& one : slots_of(slot)) {
    m_services.docker.stop_current(one, stop_timeout);
  }
}

void DockerTarget::start(const Slot& slot) {
  for (const Slot& one : slots_of(slot)) {
    if (const auto current = m_services.docker.find_current(one); current && !current->running) {
      m_services.docker.containers().start(current->id);
    }
  }
}

std::optional<ProgramLog> DockerTarget::program_log(const Slot& slot, const LogOrder& order) {
  const auto current = m_services.docker.find_current(slot);
  if (!current) {
    return std::nullopt;
  }
  std::vector<std::string> arguments{"logs"};
  if (order.follow) {
    arguments.emplace_back("--follow");
  }
  if (order.since) {
    const auto since = order.since->time_since_epoch();
    arguments.push_back(fmt::format("--since={:.3f}", std::chrono::duration<double>(since).count()));
  }
  if (order.lines) {
    arguments.push_back(fmt::format("--tail={}", *order.lines));
  }
  arguments.push_back(current->id);
  return ProgramLog{.id = current->id,
                    .name = current->name,
                    .runs = current->running,
                    .command = m_services.cli.command(std::move(arguments))};
}

Command DockerTarget::enter(const Slot& slot, const std::vector<std::string>& command, bool terminal) {
  const auto current = m_services.docker.find_current(slot);
  if (!current || !current->running) {
    throw Error(ErrorKind::usage, fmt::format("'{}' does not run{}", slot.current_name(),
                                              current ? fmt::format("; start it: tealhook start {} --color {}",
                                                                    slot.app, to_string(slot.color))
                                                      : ""));
  }
  std::vector<std::string> arguments{"exec", "--interactive"};
  if (terminal) {
    arguments.emplace_back("--tty");
  }
  arguments.push_back(current->id);
  arguments.insert(arguments.end(), command.begin(), command.end());
  return m_services.cli.command(std::move(arguments));
}

/// The engine removes it once it has ended, whatever becomes of whoever is attached to it.
Command DockerTarget::run_once(const OneOffOrder& order) {
  const Slot task = order.slot.of_process(k_task_process);
  AppSettings settings = order.plan.settings;
  if (settings.container_port == 0) {
    const auto current = m_services.docker.find_current(order.slot);
    const auto port = current ? engine::port_in_label(current->labels, label::k_port) : std::uint16_t{0};
    settings.container_port = port != 0 ? port : k_usual_port;
  }
  const std::string id =
      DockerTasks(m_services.docker.containers(), m_services.docker.networks())
          .prepare({.slot = task, .release = order.release, .settings = settings, .env = order.plan.env}, order.command,
                   order.terminal);
  return m_services.cli.command({"start", "--attach", "--interactive", id});
}

engine::Labels DockerTarget::labels_of_app(std::string_view app) const {
  return m_services.slot(app, Color::blue).labels_of_app();
}

/// Of containers, running or not.
std::set<std::int64_t> DockerTarget::releases_in_use(std::string_view app) {
  std::set<std::int64_t> releases;
  for (const auto& container : m_services.docker.containers().list(labels_of_app(app))) {
    releases.insert(engine::number_in_label(container.labels, label::k_release));
  }
  return releases;
}

/// What was pushed by a runner that did not live to say so.
void DockerTarget::unpublish(const std::string& app, const std::string& repository, const engine::Image& image) {
  for (const std::string& name : image.digests) {
    if (docker::repository_of(name) == repository) {
      m_services.registry.remove_manifest(app, docker::digest_of(name));
    }
  }
}

/// Releases of before their images' ids were stored may be the same image as newer ones.
void DockerTarget::discard(const Release& release, const std::vector<Release>& others) {
  const auto image = m_services.images.inspect(docker::reference_of(release));
  const auto is_it = [&](const Release& other) { return docker::is_of(other, *image); };
  if (image && std::none_of(others.begin(), others.end(), is_it)) {
    const bool is_published = !release.artifact.empty();
    const std::string repository =
        is_published ? docker::repository_of(release.artifact) : m_services.image_repository(release.app);
    if (!is_published) {
      unpublish(release.app, repository, *image);
    }
    remove_image(m_services.images, repository, *image);
  }
  const auto shares = [&](const Release& other) { return other.artifact == release.artifact; };
  if (!release.artifact.empty() && std::none_of(others.begin(), others.end(), shares)) {
    m_services.registry.remove_manifest(release.app, docker::digest_of(release.artifact));
  }
}

std::vector<std::string> DockerTarget::remove(std::string_view app) {
  for (const Color color : k_colors) {
    m_services.docker.remove_all(m_services.slot(app, color));
  }
  for (const std::string& network : {network_name(app), former_starting_network_name(app)}) {
    m_services.docker.networks().remove_labelled(network, labels_of_app(app));
  }
  if (list_apps(m_services.home).size() <= 1) { // this one
    const std::string home = m_services.home.root.string();
    m_services.docker.networks().remove_labelled(starting_network_name(home), {{label::k_home, home}});
  }
  const std::string repository = m_services.image_repository(app);
  std::vector<std::string> used;
  for (const auto& image : m_services.images.list(repository)) {
    const auto names = remove_image(m_services.images, repository, image);
    used.insert(used.end(), names.begin(), names.end());
  }
  return used;
}

} // namespace teal
