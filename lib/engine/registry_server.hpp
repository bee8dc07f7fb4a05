/// @file
/// RegistryServer: a private registry of our own: the container "registry" of image registry:2 where that can be had,
/// else the host's docker-registry in the background. Its data and credentials lie in the home and outlive it.
#pragma once

#include "engine/cli.hpp"
#include "engine/containers.hpp"
#include "engine/registry_client.hpp"
#include "engine/registry_container.hpp"
#include "engine/registry_process.hpp"
#include "engine/registry_settings.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace teal::engine {

struct RegistryStatus {
  enum class Kind { none, container, process, foreign };
  Kind kind = Kind::none; ///< foreign: something answers there that we did not start
  bool answers = false;
  std::string address;
  std::string detail;       ///< "container registry (registry:2)", "docker-registry, pid 812"
  std::uint64_t images = 0; ///< tags in all repositories
  std::uint64_t repositories = 0;
  std::uint64_t disk = 0; ///< bytes under the data folder
};

class RegistryServer {
public:
  RegistryServer(Engine& engine, Cli& cli, Environment environment, RegistryServerSettings settings);

  /// Start it and wait until it answers; fine if it runs already. With htpasswd, makes credentials once (user
  /// "tealhook", a random password, both in a file of mode 0600 that only the owner reads) and logs the engine's
  /// command line in. Throws Error(environment): port taken by somebody else, no image and no docker-registry on the
  /// host, …
  RegistryStatus up();
  /// Stop it; its data stay. False if none of ours ran.
  bool down();
  [[nodiscard]] RegistryStatus status();
  /// Whether one was started here, and not taken down since; it may have ended.
  [[nodiscard]] bool is_wanted();

  /// Those in `file` ("user:password"), or nothing if there is no such file.
  [[nodiscard]] static std::optional<Credentials> read_credentials(const std::filesystem::path& file);
  /// Where up() keeps those it made.
  [[nodiscard]] static std::filesystem::path credentials_file(const std::filesystem::path& folder);

private:
  [[nodiscard]] RegistryClient client() const;
  [[nodiscard]] bool answers() const;
  void start();
  void require_free_port();
  void wait_until_it_answers();
  void identify(RegistryStatus& status);
  void count_images(RegistryStatus& status) const;

  Engine& m_engine;
  Cli& m_cli;
  RegistryServerSettings m_settings;
  RegistryContainer m_container;
  RegistryProcess m_process;
};

} // namespace teal::engine
