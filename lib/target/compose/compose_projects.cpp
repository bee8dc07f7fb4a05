#include "target/compose/compose_projects.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "target/docker/revival.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace teal {

namespace {

constexpr mode_t k_own = 0600;
constexpr Milliseconds k_up_deadline = std::chrono::minutes(10);
constexpr const char* k_one_off_label = "com.docker.compose.oneoff";
constexpr const char* k_project_label = "com.docker.compose.project"; ///< of compose, on all that it makes

/// What is nothing of a slot has no color.
bool needs_project(const engine::ContainerSummary& container) {
  const bool is_one_off = engine::label_of(container.labels, k_one_off_label) == "True";
  return !engine::label_of(container.labels, label::k_color).empty() && (!is_one_off || container.running);
}

} // namespace

std::filesystem::path ComposeProjects::file(const std::string& project) const {
  return folder() / "projects" / (project + ".yaml");
}

std::vector<std::string> ComposeProjects::arguments_for(const std::string& project) const {
  return {"-p", project, "-f", file(project).string()};
}

std::vector<std::string> ComposeProjects::arguments_to_run(const std::string& project,
                                                           const std::vector<std::string>& command,
                                                           const std::vector<std::string>& options) const {
  std::vector<std::string> arguments = arguments_for(project);
  arguments.insert(arguments.end(), {"run", "--rm", "--entrypoint", command.front()});
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.emplace_back(k_one_off_service);
  arguments.insert(arguments.end(), command.begin() + 1, command.end());
  return arguments;
}

void ComposeProjects::write(const std::string& project, const std::string& text) const {
  files::create_directories(file(project).parent_path());
  write_file(file(project), text, k_own);
}

void ComposeProjects::bring_up(const std::string& project, const std::string& what, const engine::OutputSink& sink,
                               const std::vector<std::string>& options) {
  std::vector<std::string> arguments = arguments_for(project);
  arguments.insert(arguments.end(), {"up", "-d", "--no-build"});
  arguments.insert(arguments.end(), options.begin(), options.end());
  m_compose.run(arguments, fmt::format("bring up {}", what), sink, k_up_deadline);
}

engine::Labels ComposeProjects::labels() const {
  return m_services.slot(m_app, Color::blue).labels_of_app();
}

std::vector<engine::ContainerSummary> ComposeProjects::shared() {
  engine::Labels wanted = labels();
  wanted[label::k_shared] = ""; // whichever
  auto found = m_services.docker.containers().list(wanted);
  std::erase_if(found, [](const auto& one) { return engine::label_of(one.labels, label::k_shared).empty(); });
  return found;
}

void ComposeProjects::ensure_networks(const std::string& project, const ComposeModel& model, bool of_shared) {
  std::set<std::string> wanted;
  for (const std::string& name : model.names(of_shared)) {
    for (const auto& [network, aliases] : model.services.at(name).networks) {
      wanted.insert(network);
    }
  }
  for (const std::string& name : wanted) {
    const ComposeNetwork& network = model.networks.at(name);
    if (network.external.empty()) {
      engine::Labels own = labels();
      own[label::k_project] = network.is_shared ? shared_project_name(m_app) : project;
      m_services.docker.networks().ensure(network_of_project(m_app, project, name, network), own,
                                          network.is_inside ? engine::Networks::Reach::inside
                                                            : engine::Networks::Reach::outside);
    }
  }
}

void ComposeProjects::prepare(const std::string& project, const ComposeModel& model, const ComposeImages& images,
                              const engine::OutputSink& sink, const Tell& tell) {
  m_services.docker.networks().ensure(network_name(m_app), labels()); // that a router, or the port, is in
  ensure_networks(project, model, false);
  if (!m_services.router) {
    engine::Labels own = labels();
    own[label::k_project] = project;
    m_services.docker.networks().ensure(start_network_of_project(project), own, engine::Networks::Reach::inside);
  }
  if (!model.names(true).empty()) {
    bring_up_shared(model, images, sink, tell);
    attach_shared(project);
  }
}

/// What runs stays as it is, whatever the file says now: it may hold what nobody else has.
void ComposeProjects::bring_up_shared(const ComposeModel& model, const ComposeImages& images,
                                      const engine::OutputSink& sink, const Tell& tell) {
  const std::string project = shared_project_name(m_app);
  const Slot any = m_services.slot(m_app, Color::blue);
  const std::string text = write_shared_project(any, model, images);
  const bool is_known = files::exists(file(project));
  const bool is_same = is_known && read_file(file(project)) == text;
  std::set<std::string> missing;
  for (const std::string& name : model.names(true)) {
    if (!model.services.at(name).runs_once) {
      missing.insert(name);
    }
  }
  for (const auto& container : shared()) {
    if (container.running) {
      missing.erase(engine::label_of(container.labels, label::k_shared));
    }
  }
  if (!is_same) {
    write(project, text);
  }
  if (!missing.empty() || !is_known) {
    ensure_networks(project, model, true);
    bring_up(project, "what both colors share", sink, {"--no-recreate"});
  } else if (!is_same) {
    tell(fmt::format("what both colors share ({}) runs on as it is, and the commit says something else of it; to bring "
                     "that about: {} {} up -d; then: tealhook recover",
                     join(model.names(true), ", "), m_compose.name(), join(arguments_for(project), " ")));
  }
}

/// Found there by the name that it has in the file.
void ComposeProjects::attach_shared(const std::string& project) {
  engine::Labels own = labels();
  own[label::k_project] = project;
  std::set<std::string> networks;
  for (auto& network : m_services.docker.networks().list(own)) {
    networks.insert(std::move(network.name));
  }
  for (const auto& container : shared()) {
    std::vector<std::string> wanted{start_network_of_project(project)};
    for (const std::string& name : split(engine::label_of(container.labels, label::k_networks), ',')) {
      wanted.push_back(fmt::format("{}_{}", project, name));
    }
    for (const std::string& network : wanted) {
      if (networks.contains(network) && !container.networks.contains(network)) {
        m_services.docker.networks().connect(network, container.id,
                                             engine::label_of(container.labels, label::k_shared));
      }
    }
  }
}

std::set<std::string> ComposeProjects::projects() {
  std::set<std::string> found;
  for (const auto& network : m_services.docker.networks().list(labels())) {
    found.insert(engine::label_of(network.labels, label::k_project));
  }
  for (const std::string& name : files::names_in(folder() / "projects")) {
    found.insert(std::filesystem::path(name).stem().string());
  }
  found.erase("");
  found.erase(shared_project_name(m_app));
  return found;
}

bool ComposeProjects::revive_shared(const std::optional<engine::EngineLife>& life, const Tell& tell) {
  bool is_well = true;
  for (const auto& container : shared()) {
    const auto found = container.running ? std::nullopt : m_services.docker.containers().inspect(container.id);
    if (!found || !ought_to_run(*found, life)) {
      continue;
    }
    try {
      m_services.docker.containers().start(found->id);
      tell(fmt::format("{}: had ended with the engine, and was started again", found->name));
    } catch (const Error& error) {
      is_well = false;
      tell(fmt::format("{}: cannot be started: {}", found->name, error.message()));
    }
  }
  for (const std::string& project : projects()) { // what was made anew by hand is in none of their networks
    attach_shared(project);
  }
  return is_well;
}

void ComposeProjects::clear(const std::string& project) {
  for (const auto& container : m_services.docker.containers().list({{k_project_label, project}})) {
    m_services.docker.containers().remove(container.id);
  }
}

void ComposeProjects::sweep(const std::string& project) {
  const auto containers = m_services.docker.containers().list({{k_project_label, project}});
  if (std::any_of(containers.begin(), containers.end(), needs_project)) {
    return;
  }
  clear(project);
  engine::Labels own = labels();
  own[label::k_project] = project;
  for (const auto& network : m_services.docker.networks().list(own)) {
    for (const auto& container : shared()) {
      if (container.networks.contains(network.name)) {
        m_services.docker.networks().disconnect(network.name, container.id);
      }
    }
    m_services.docker.networks().remove(network.name);
  }
  files::remove(file(project));
}

void ComposeProjects::sweep() {
  for (const std::string& project : projects()) {
    sweep(project);
  }
}

void ComposeProjects::remove() {
  sweep();
  sweep(shared_project_name(m_app));
}

} // namespace teal
