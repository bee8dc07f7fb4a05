#include "engine/registry_server.hpp"

#include "core/text.hpp"
#include "engine/htpasswd.hpp"
#include "host/port_owner.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <thread>

namespace teal::engine {

namespace {

constexpr std::chrono::seconds k_start_patience(10);
constexpr std::chrono::milliseconds k_start_pause(50);

std::uint64_t size_of(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::uint64_t bytes = 0;
  std::error_code fault;
  for (fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, fault);
       !fault && entry != fs::recursive_directory_iterator(); entry.increment(fault)) {
    std::error_code gone;
    const auto size = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
    bytes += gone ? 0 : size;
  }
  return bytes;
}

/// "container 'web'", "pid 812 (nginx)"; nothing if the port is free.
std::optional<std::string> who_has(std::uint16_t port, Engine& engine) {
  const auto containers = Containers(engine).publishing(port);
  if (!containers.empty()) {
    return fmt::format("container '{}'", containers.front().name);
  }
  const auto owner = find_port_owner(port);
  return owner ? std::optional(describe(*owner)) : std::nullopt;
}

} // namespace

RegistryServer::RegistryServer(Engine& engine, Cli& cli, Environment environment, RegistryServerSettings settings)
    : m_engine(engine), m_cli(cli), m_settings(std::move(settings)), m_container(engine, cli, m_settings),
      m_process(std::move(environment), m_settings) {}

RegistryStatus RegistryServer::up() {
  if (!m_process.is_as_wanted() && !m_container.is_as_wanted()) {
    down();
    if (answers()) {
      return status(); // somebody else's is as good
    }
    require_free_port();
    start();
  }
  wait_until_it_answers();
  if (m_settings.htpasswd) {
    const Credentials credentials = ensure_credentials(m_settings);
    m_cli.login(m_settings.address, credentials.user, credentials.password);
  }
  return status();
}

void RegistryServer::require_free_port() {
  if (const auto owner = who_has(m_settings.port(), m_engine)) {
    throw Error(
        ErrorKind::environment,
        fmt::format("cannot start the registry: port {} is in use by {}, which is no registry; end that, or set "
                    "registry.address to another port",
                    m_settings.port(), *owner));
  }
}

void RegistryServer::start() {
  if (m_settings.htpasswd) {
    ensure_credentials(m_settings);
  }
  const auto no_image =
      m_engine.is_local() ? m_container.why_no_image() : std::optional<std::string>("the engine is on another host");
  if (!no_image) {
    m_container.start();
    return;
  }
  if (!m_process.is_possible()) {
    throw Error(
        ErrorKind::environment,
        fmt::format("cannot start the registry: {}, and this host has no program 'docker-registry'; install the "
                    "package docker-registry, or load the image registry:2",
                    *no_image));
  }
  m_process.start();
}

void RegistryServer::wait_until_it_answers() {
  const Stopwatch stopwatch;
  while (!answers()) {
    const bool by_process = m_process.find().has_value();
    const auto container = by_process ? std::nullopt : m_container.find();
    const bool alive = by_process || (container && container->running);
    if (!alive || stopwatch.elapsed() > k_start_patience) {
      const std::string log(trim(container ? m_container.last_log() : m_process.last_log()));
      throw Error(ErrorKind::environment, fmt::format("the registry {} at '{}'; it printed last: {}",
                                                      alive ? "does not answer" : "ended before it answered",
                                                      m_settings.address, log.empty() ? "nothing" : "\n" + log));
    }
    std::this_thread::sleep_for(k_start_pause);
  }
}

bool RegistryServer::is_wanted() {
  return m_process.was_started() || m_container.find();
}

bool RegistryServer::down() {
  return m_process.stop() || m_container.remove();
}

RegistryStatus RegistryServer::status() {
  RegistryStatus status;
  status.address = m_settings.address;
  status.answers = answers();
  status.disk = size_of(m_settings.data());
  identify(status);
  if (status.answers) {
    count_images(status);
  }
  return status;
}

void RegistryServer::identify(RegistryStatus& status) {
  if (const auto process = m_process.find()) {
    status.kind = RegistryStatus::Kind::process;
    status.detail = fmt::format("docker-registry, pid {}", process->pid);
    return;
  }
  try {
    if (const auto container = m_container.find()) {
      status.kind = container->running ? RegistryStatus::Kind::container : RegistryStatus::Kind::none;
      status.detail = fmt::format("container {} ({}){}", container->name, container->image,
                                  container->running ? "" : ", not running");
      return;
    }
  } catch (const Error& error) {
    status.detail = error.message(); // without an engine there is no container of ours either
  }
  if (status.answers) {
    status.kind = RegistryStatus::Kind::foreign;
    status.detail = "not started by tealhook";
  }
}

void RegistryServer::count_images(RegistryStatus& status) const {
  try {
    for (const auto& repository : client().list()) {
      status.repositories += repository.tags.empty() ? 0 : 1; // the registry lists those that were emptied too
      status.images += repository.tags.size();
    }
  } catch (const Error& error) {
    status.detail += "; its images cannot be counted: " + error.message();
  }
}

RegistryClient RegistryServer::client() const {
  return {m_settings.address, read_credentials(m_settings.credentials_file())};
}

bool RegistryServer::answers() const {
  try {
    client().ping();
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::optional<Credentials> RegistryServer::read_credentials(const std::filesystem::path& file) {
  if (!files::exists(file)) {
    return std::nullopt;
  }
  const std::string text = read_file(file);
  const std::string_view line = trim(text);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not of the form user:password", file.string()));
  }
  return Credentials{.user = std::string(line.substr(0, colon)), .password = std::string(line.substr(colon + 1))};
}

std::filesystem::path RegistryServer::credentials_file(const std::filesystem::path& folder) {
  RegistryServerSettings settings;
  settings.folder = folder;
  return settings.credentials_file();
}

} // namespace teal::engine
