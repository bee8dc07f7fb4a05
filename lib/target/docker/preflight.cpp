#include "target/docker/preflight.hpp"

#include "core/text.hpp"
#include "host/port_owner.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace teal {

namespace {

namespace fs = std::filesystem;

/// Where the engine keeps its images, remembered: asking takes the engine 20 ms.
fs::path engine_folder(Services& services) {
  const fs::path cache = services.home.cache() / "engine-folder";
  const std::string key = services.engine.host() + " " + services.engine.version().engine + "\n";
  try {
    const std::string known = read_file(cache);
    if (known.starts_with(key)) {
      return known.substr(key.size());
    }
  } catch (const Error&) { // not there yet
  }
  std::string folder = services.engine.data_root();
  files::create_directories(services.home.cache());
  write_file(cache, key + folder);
  return folder;
}

void require_free(const fs::path& folder, std::uint64_t limit) {
  std::error_code elsewhere; // a folder of an engine on another host
  const fs::space_info space = fs::space(folder, elsewhere);
  if (!elsewhere && space.available < limit) {
    throw Error(
        ErrorKind::environment,
        fmt::format("only {} are free where '{}' lies, and limits.min_free_disk is {}; free some (docker system df "
                    "shows what images and build caches hold) or lower the limit in tealhook.yml",
                    format_size(space.available), folder.string(), format_size(limit)));
  }
}

} // namespace

void refuse_port(std::uint16_t port, const std::string& holder, std::string_view app) {
  throw Error(
      ErrorKind::environment,
      fmt::format("port {} is in use by {}; end that, or give '{}' another port in its app.yml", port, holder, app));
}

void require_free_disk(Services& services) {
  for (const fs::path& folder : {services.home.root, services.home.apps(), services.home.registry()}) {
    require_free(folder, services.settings.limits.min_free_disk);
  }
  if (services.engine.is_local()) {
    require_free(engine_folder(services), services.settings.limits.min_free_disk);
  }
}

void require_port(Services& services, const Slot& slot, std::uint16_t port) {
  const auto publishing = services.docker.containers().publishing(port);
  const auto stranger = std::find_if(publishing.begin(), publishing.end(), [&](const auto& container) {
    return !engine::has_labels(container.labels, slot.labels());
  });
  if (stranger != publishing.end()) {
    refuse_port(port, fmt::format("the container '{}'", stranger->name), slot.app);
  }
  if (!publishing.empty()) {
    return;
  }
  if (const auto owner = services.engine.is_local() ? find_port_owner(port) : std::nullopt) {
    refuse_port(port, describe(*owner), slot.app);
  }
}

void require_router_for_replicas(const Services& services, std::string_view app) {
  if (!services.router) {
    throw Error(ErrorKind::settings,
                fmt::format("'{0}' is to have several replicas (run.replicas), and there is no router that could share "
                            "requests among them: tealhook setup --router haproxy, then: tealhook router up; or take "
                            "run.replicas out of the app.yml of '{0}'",
                            app));
  }
}

void require_registry(Services& services) {
  try {
    services.registry.ping();
  } catch (const Error& error) {
    throw Error(ErrorKind::environment, fmt::format("{}; start it: tealhook registry up", error.message()));
  }
}

void require_addresses(Services& services, const Slot& slot, const AppSettings& settings) {
  constexpr std::size_t k_surely_room = 31; // of the smallest network of an app
  const std::size_t wanted =
      settings.run.processes.size() + (services.router ? 0 : 1) + (settings.deploy.before_switch.empty() ? 0 : 1);
  if (3 * wanted <= k_surely_room) { // two colors, and a successor of one
    return;
  }
  const auto containers = services.docker.containers().list(slot.labels_of_app());
  const auto used = static_cast<std::size_t>(std::count_if(
      containers.begin(), containers.end(), [](const auto& container) { return container.addresses.empty(); }));
  const std::uint64_t capacity = services.docker.networks().capacity(network_name(slot.app));
  if (used + wanted > capacity) {
    throw Error(ErrorKind::environment,
                fmt::format("the network of '{}' has addresses for {} containers: {} are there, and this deployment "
                            "starts {} beside them; run fewer run.processes",
                            slot.app, capacity, used, wanted));
  }
}

} // namespace teal
