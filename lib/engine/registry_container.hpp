/// @file
/// RegistryContainer: our registry as the container "registry" of image registry:2.
#pragma once

#include "engine/cli.hpp"
#include "engine/containers.hpp"
#include "engine/registry_settings.hpp"

#include <optional>
#include <string>

namespace teal::engine {

class RegistryContainer {
public:
  RegistryContainer(Engine& engine, Cli& cli, RegistryServerSettings settings);

  /// Ours, running or not; nothing if there is none, or it is somebody else's.
  [[nodiscard]] std::optional<Container> find();
  /// Whether it runs, with these settings.
  [[nodiscard]] bool is_as_wanted();
  /// Nothing once the image is here, pulled if need be; else why it cannot be had.
  [[nodiscard]] std::optional<std::string> why_no_image();
  void start();
  /// False if there is none of ours. Its data stay.
  bool remove();
  [[nodiscard]] std::string last_log();

private:
  [[nodiscard]] ContainerSpec spec() const;

  Engine& m_engine;
  Cli& m_cli;
  RegistryServerSettings m_settings;
};

} // namespace teal::engine
