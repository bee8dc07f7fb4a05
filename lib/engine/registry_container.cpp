#include "engine/registry_container.hpp"

#include "engine/images.hpp"
#include "model/app.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

namespace teal::engine {

namespace {

constexpr const char* k_name = "registry";
constexpr const char* k_image = "registry:2";
constexpr const char* k_settings_label =
    "tealhook.registry";                         // what it was made with: a change of settings makes it anew
constexpr std::uint16_t k_container_port = 5000; // by the image's own settings, as its data folder is
constexpr std::chrono::seconds k_pull_deadline(60);
constexpr int k_log_lines = 10;

} // namespace

RegistryContainer::RegistryContainer(Engine& engine, Cli& cli, RegistryServerSettings settings)
    : m_engine(engine), m_cli(cli), m_settings(std::move(settings)) {}

std::optional<Container> RegistryContainer::find() {
  auto container = Containers(m_engine).inspect(k_name);
  const bool ours = container && has_labels(container->labels, {{label::k_home, m_settings.home}}) &&
                    container->labels.contains(k_settings_label);
  return ours ? container : std::nullopt;
}

bool RegistryContainer::is_as_wanted() {
  const auto container = find();
  return container && container->running && has_labels(container->labels, spec().labels);
}

std::optional<std::string> RegistryContainer::why_no_image() {
  if (Images(m_engine).inspect(k_image)) {
    return std::nullopt;
  }
  try {
    m_cli.pull(k_image, {}, k_pull_deadline);
    return std::nullopt;
  } catch (const Error& error) {
    return error.message();
  }
}

ContainerSpec RegistryContainer::spec() const {
  ContainerSpec spec;
  spec.name = k_name;
  spec.image = k_image;
  spec.restart = "always";
  spec.ports = {
      {.host_address = m_settings.listen, .host_port = m_settings.port(), .container_port = k_container_port}};
  spec.volumes = {files::absolute(m_settings.data()).string() + ":/var/lib/registry"};
  spec.env = {{"REGISTRY_STORAGE_DELETE_ENABLED", "true"}};
  if (m_settings.htpasswd) {
    spec.volumes.push_back(files::absolute(m_settings.htpasswd_file().parent_path()).string() + ":/auth:ro");
    spec.env["REGISTRY_AUTH"] = "htpasswd";
    spec.env["REGISTRY_AUTH_HTPASSWD_REALM"] = "tealhook";
    spec.env["REGISTRY_AUTH_HTPASSWD_PATH"] = "/auth/htpasswd";
  }
  spec.labels = {{label::k_home, m_settings.home},
                 {k_settings_label, fmt::format("{}:{} {}", m_settings.listen, m_settings.port(),
                                                m_settings.htpasswd ? "htpasswd" : "open")}};
  return spec;
}

void RegistryContainer::start() {
  Containers containers(m_engine);
  files::create_directories(m_settings.data());
  const std::string id = containers.create(spec());
  try {
    containers.start(id);
  } catch (...) {
    containers.remove(id);
    throw;
  }
}

bool RegistryContainer::remove() {
  const auto container = find();
  if (container) {
    Containers containers(m_engine);
    containers.stop(container->id, std::chrono::seconds(10));
    containers.remove(container->id);
  }
  return container.has_value();
}

std::string RegistryContainer::last_log() {
  return Containers(m_engine).last_log(k_name, k_log_lines);
}

} // namespace teal::engine
