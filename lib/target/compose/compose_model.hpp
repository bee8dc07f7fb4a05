/// @file
/// ComposeModel: a compose file as compose itself understands it, read and judged.
///
/// Invariant: what gets into the model reaches nothing beyond its own containers but what app.yml allows, and nothing
/// that two colors cannot both have. A key that is not known here is refused: compose learns new ones.
#pragma once

#include "config/settings.hpp"
#include "config/yaml.hpp"
#include "target/compose/compose_source.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace teal {

/// A variable name of ours, whose value in a file says that the color's port is meant.
inline constexpr const char* k_color_port_variable = "TEALHOOK_PORT";

struct ComposeRules {
  const ComposeSource& source;
  const TargetSettings::Compose& settings;
  const std::vector<std::string>& networks; ///< run.networks: those of the host that a file may name
  std::filesystem::path tree;               ///< canonical; has the commit
  std::string rendered_as;                  ///< the project's name that compose was told
  std::uint16_t color_port = 0;
};

struct ComposeService {
  bool is_shared = false; ///< both colors have it in common
  bool runs_once = false; ///< it is to end: others wait for that, or its `restart` says so
  std::string image;      ///< as the file names it; of one that is built, may be empty
  std::optional<BuildSettings> build{};
  std::map<std::string, std::vector<std::string>> networks{}; ///< of the file, with further names there
  std::uint16_t port = 0;                           ///< inside, of what is published to the color's; 0: not said
  std::map<std::string, std::string> environment{}; ///< as a file has it: a '$' is doubled
  std::vector<YamlNode> keys{};                     ///< the others, as they go into a project's file
};

struct ComposeNetwork {
  bool is_shared = false;
  bool is_inside = false; ///< nothing beyond it is reached
  std::string external{}; ///< the host's network that it is; empty: one of ours
};

struct ComposeVolume {
  bool is_shared = false;
  std::optional<YamlNode> given{}; ///< as the file describes it, which app.yml allows; nothing: one of ours
};

struct ComposeModel {
  std::map<std::string, ComposeService> services; ///< by name
  std::map<std::string, ComposeNetwork> networks; ///< those that services have
  std::map<std::string, ComposeVolume> volumes;

  [[nodiscard]] std::vector<std::string> names(bool shared) const;
};

/// Of what `compose config` printed. Throws Error(settings) "compose.yaml:12: service 'db' …" with what to do.
[[nodiscard]] ComposeModel read_compose_model(const SettingsText& rendered, const ComposeRules& rules);

} // namespace teal
