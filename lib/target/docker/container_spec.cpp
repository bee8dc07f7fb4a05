#include "target/docker/container_spec.hpp"

#include "core/text.hpp"
#include "target/docker/artifact.hpp"
#include "target/variables.hpp"

namespace teal {

namespace {

engine::Labels labels_of(const RunRequest& request) {
  engine::Labels labels = label::blank();
  for (const auto& [name, value] : request.slot.labels()) {
    labels[name] = value;
  }
  labels[label::k_commit] = request.release.commit;
  labels[label::k_release] = std::to_string(request.release.id);
  labels[label::k_deployment] = std::to_string(request.deployment);
  labels[label::k_scaling] = request.scaling == 0 ? "" : std::to_string(request.scaling);
  labels[label::k_port] = std::to_string(request.settings.container_port);
  labels[label::k_networks] = join(request.settings.run.networks, ",");
  return labels;
}

/// What the program is told about itself; the settings may overrule it.
std::map<std::string, std::string> environment_of(const RunRequest& request) {
  std::map<std::string, std::string> env = request.env;
  env.merge(variables_of(request.slot, request.release));
  env.insert({{"PORT", std::to_string(request.settings.container_port)},
              {"TEALHOOK_REPLICA", std::to_string(request.slot.replica)}});
  return env;
}

} // namespace

engine::ContainerSpec spec_of(const RunRequest& request) {
  const AppSettings& settings = request.settings;
  return {
      .image = docker::reference_of(request.release),
      .env = environment_of(request),
      .labels = labels_of(request),
      .volumes = settings.run.volumes,
      .memory = settings.run.memory,
      .cpus = settings.run.cpus,
      .arguments = settings.run.args,
      .stop_timeout = settings.deploy.stop_timeout,
      .restart = "no", // until it is adopted: a program that fails is looked at as it ended, not in its next life
  };
}

} // namespace teal
