/// @file
/// ComposeModel: a compose file as compose itself understands it, read and judged.
///
/// Invariant: what gets into the model reaches nothing beyond its own containers but what app.yml allows, and nothing
/// that two colors cannot both have. A key that is not known here is refused: compose learns new ones.
#pragma once

#include "config/yaml.hpp"
#include "target/compose/compose_service.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace teal {

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
