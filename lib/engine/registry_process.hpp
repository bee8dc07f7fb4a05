/// @file
/// RegistryProcess: our registry as the host's docker-registry, in the background.
///
/// Invariant: only the process that start() started is ever ended, however often its number was given away since.
#pragma once

#include "engine/registry_settings.hpp"
#include "process/detached.hpp"
#include "process/subprocess.hpp"

#include <optional>
#include <string>

namespace teal::engine {

class RegistryProcess {
public:
  RegistryProcess(Environment environment, RegistryServerSettings settings);

  /// The one that start() started, if it still runs.
  [[nodiscard]] std::optional<ProcessId> find() const;
  /// Whether start() was called, and stop() not since.
  [[nodiscard]] bool was_started() const;
  /// Whether it runs, with these settings.
  [[nodiscard]] bool is_as_wanted() const;
  /// Whether the host has docker-registry.
  [[nodiscard]] bool is_possible() const;
  void start();
  /// False if none of ours runs. Its data stay.
  bool stop();
  [[nodiscard]] std::string last_log() const;

private:
  [[nodiscard]] std::filesystem::path config_file() const { return m_settings.folder / "config.yml"; }
  [[nodiscard]] std::filesystem::path log_file() const { return m_settings.folder / "registry.log"; }
  [[nodiscard]] std::filesystem::path pid_file() const { return m_settings.folder / "registry.pid"; }
  [[nodiscard]] std::string config() const;

  Environment m_environment;
  RegistryServerSettings m_settings;
};

} // namespace teal::engine
