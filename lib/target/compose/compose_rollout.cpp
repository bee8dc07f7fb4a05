#include "target/compose/compose_rollout.hpp"

#include "core/text.hpp"
#include "process/files.hpp"
#include "target/docker/artifact.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

std::string count_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

} // namespace

ComposeRollout::ComposeRollout(Services& services, engine::ComposeCli& compose, const RolloutOrder& order)
    : DockerRollout(services, order), m_compose(compose), m_projects(services, compose, order.slot.app),
      m_folders(m_projects.folder()), m_project(compose_project_name(order.slot, order.deployment.id)) {}

std::function<void(std::string_view)> ComposeRollout::show() {
  return [this](std::string_view text) { order().steps.output(text); };
}

std::string ComposeRollout::repository_of(const std::string& service) const {
  return image_repository_of(services().image_repository(web().app), service);
}

Release ComposeRollout::produce(const git::Repository& repository) {
  const Event& event = order().deployment.event;
  const std::string id = std::to_string(order().deployment.id);
  Release release{.app = web().app,
                  .commit = event.new_commit,
                  .subject = event.subject,
                  .identity = id,
                  .created = SystemClock().now()};
  order().steps.step(StepName::checkout, [&] { return check_out(repository, id); });
  try {
    ComposeArtifact made{.folder = id, .images = {}};
    order().steps.step(StepName::build, [&] { return build(event.new_commit); });
    order().steps.step(StepName::pull, [&] { return pull_named(); });
    for (const auto& [name, image] : m_built) {
      made.images[name] = image.id;
    }
    release.identity = made.text();
    return release;
  } catch (...) {
    files::remove_all(m_folders.folder(id));
    throw;
  }
}

Release ComposeRollout::obtain() {
  throw Error(ErrorKind::settings, "an image alone cannot be deployed here: the app's colors are compose projects");
}

std::string ComposeRollout::check_out(const git::Repository& repository, const std::string& id) {
  const BuildPlace place{m_folders.tree(), m_folders.tree_index(), services().home.app(web().app).submodules()};
  std::string fact = teal::check_out({.repository = repository,
                                      .commit = order().deployment.event.new_commit,
                                      .place = place,
                                      .environment = services().environment,
                                      .interrupt = services().engine.interrupt()},
                                     [&](const std::string& warning) { order().steps.line("warning: " + warning); });
  m_folders.make(id, {});
  return fact;
}

ComposeModel ComposeRollout::render(const std::string& commit, const std::string& folder) {
  const auto tree = m_folders.folder(folder);
  if (!files::is_folder(tree)) {
    throw Error(ErrorKind::environment, fmt::format("'{}' is not there any more", tree.string()));
  }
  return teal::render(
      m_compose, {.slot = web(), .plan = order().plan, .commit = commit, .tree = tree, .folder = m_projects.folder()});
}

std::string ComposeRollout::build(const std::string& commit) {
  const std::string id = std::to_string(order().deployment.id);
  m_model = render(commit, id);
  AppSettings settings = order().plan.settings;
  std::size_t count = 0;
  for (const auto& [name, service] : m_model->services) {
    if (!service.build) {
      continue;
    }
    settings.build = *service.build;
    const std::string reference = fmt::format("{}:{}", repository_of(name), commit);
    order().steps.line(fmt::format("building {}", name));
    static_cast<void>(
        build_image(services(), settings,
                    {.app = web().app, .commit = {}, .work_tree = m_folders.folder(id), .tags = {reference}}, show()));
    take_in(name, reference, commit);
    ++count;
  }
  return count_of(count, "image");
}

/// As compose does: where it is not here yet.
std::string ComposeRollout::pull_named() {
  std::size_t count = 0;
  for (const auto& [name, service] : m_model->services) {
    if (service.build) {
      continue;
    }
    if (!services().images.inspect(service.image)) {
      order().steps.line(fmt::format("pulling {}", service.image));
      services().cli.pull(service.image, show(), order().plan.settings.deploy.build_deadline);
      ++count;
    }
    take_in(name, service.image, order().deployment.event.new_commit);
  }
  return count == 0 ? "already here" : count_of(count, "image");
}

/// The color's get names of ours, whose they were before, so that they are published, kept and removed as what is
/// built.
void ComposeRollout::take_in(const std::string& service, const std::string& reference, const std::string& commit) {
  auto image = services().images.inspect(reference);
  if (!image) {
    throw Error(ErrorKind::environment, fmt::format("the engine has lost '{}', which was just here", reference));
  }
  if (m_model->services.at(service).is_shared) {
    m_shared_images[service] = m_model->services.at(service).build ? image->id : reference;
    return;
  }
  services().images.tag(image->id, repository_of(service), commit);
  services().images.tag(image->id, repository_of(service), std::string(to_string(web().color)));
  m_built.emplace(service, std::move(*image));
}

/// What the registry has already, for it was pushed before, is only given its tags. False where it has it not.
bool ComposeRollout::tag_at_registry(const std::string& repository, const std::string& digest,
                                     const std::vector<std::string>& tags) {
  const std::string name = repository.substr(services().settings.registry.address.size() + 1);
  try {
    for (const std::string& tag : tags) {
      services().registry.tag_manifest(name, digest, tag, services().engine.interrupt());
    }
    return true;
  } catch (const Error&) { // it may have lost it, or know the engine alone; and if not, tells that why
    services().engine.require_uninterrupted();
    return false;
  }
}

std::string ComposeRollout::publish(const Release& release) {
  const std::vector<std::string> tags{release.commit, std::string(to_string(web().color))};
  ComposeArtifact kept = require_compose_release(release);
  for (auto& [name, image] : kept.images) {
    const std::string repository = repository_of(name);
    const auto& digests = m_built.at(name).digests;
    const auto known = std::find_if(digests.begin(), digests.end(),
                                    [&](const std::string& one) { return docker::repository_of(one) == repository; });
    if (known != digests.end() && tag_at_registry(repository, docker::digest_of(*known), tags)) {
      image = docker::digest_of(*known);
      continue;
    }
    for (const std::string& tag : tags) {
      image = push(repository, tag);
    }
  }
  return kept.text();
}

void ComposeRollout::fetch(const Release& release) {
  if (!m_built.empty()) {
    return;
  }
  order().steps.step(StepName::pull, [&]() -> std::string {
    m_model = render(release.commit, require_compose_release(release).folder);
    std::size_t count = 0;
    for (const std::string& name : m_model->names(false)) {
      const std::string reference = image_of_service(release, services().image_repository(web().app), name);
      if (!services().images.inspect(reference)) {
        services().cli.pull(reference, show(), order().plan.settings.deploy.build_deadline);
        ++count;
      }
    }
    for (const std::string& name : m_model->names(true)) {
      const ComposeService& service = m_model->services.at(name);
      m_shared_images[name] = service.build ? fmt::format("{}:{}", repository_of(name), release.commit) : service.image;
    }
    return count == 0 ? "already here" : count_of(count, "image");
  });
}

void ComposeRollout::settle_port(const Release& release) {
  std::uint16_t port = order().plan.settings.container_port;
  if (port == 0) {
    port = m_model->services.at(service()).port;
  }
  if (port == 0) {
    const auto image =
        services().images.inspect(image_of_service(release, services().image_repository(web().app), service()));
    port = image ? docker::lowest_tcp_port(image->exposed).value_or(k_usual_port) : k_usual_port;
  }
  std::vector<std::string> processes;
  for (const std::string& name : m_model->names(false)) {
    if (name != service() && !m_model->services.at(name).runs_once) {
      processes.push_back(name);
    }
  }
  set_shape(port, processes);
  order().steps.line(fmt::format("{} answers on port {}", service(), port));
}

void ComposeRollout::write_project(const Release& release) {
  const AppSettings& settings = order().plan.settings;
  ComposeImages images;
  for (const std::string& name : m_model->names(false)) {
    images[name] = image_of_service(release, services().image_repository(web().app), name);
  }
  m_projects.write(m_project, write_color_project({.slot = web(),
                                                   .model = *m_model,
                                                   .service = service(),
                                                   .release = release,
                                                   .images = images,
                                                   .env = order().plan.env,
                                                   .deployment = order().deployment.id,
                                                   .port = container_port(),
                                                   .color_port = settings.ports.at(web().color),
                                                   .bind = order().has_router ? "" : settings.bind}));
}

/// The project's file and networks, and what both colors share; and one-off tasks.
void ComposeRollout::prepare(const Release& release) {
  settle_port(release);
  m_projects.clear(m_project);
  write_project(release);
  begin_start();
  m_projects.prepare(m_project, *m_model, m_shared_images, show(),
                     [this](const std::string& line) { order().steps.line(line); });
  run_tasks([&](const std::vector<std::string>& command, const std::string& name) {
    m_compose.run(m_projects.arguments_to_run(m_project, command, {"-T"}),
                  fmt::format("do '{}' (deploy.before_switch)", name), show(),
                  order().plan.settings.deploy.build_deadline);
  });
}

std::string ComposeRollout::start(const Release& /*release*/) {
  m_projects.bring_up(m_project, fmt::format("the project '{}'", m_project), show());
  if (order().has_router) {
    services().docker.join(web(), order().deployment.id);
  }
  return finish_start(services().docker.find_next(web()).value());
}

} // namespace teal
