/// @file
/// ComposeService: one service of a compose file, read and judged; see ComposeModel.
#pragma once

#include "config/settings.hpp"
#include "config/yaml.hpp"
#include "target/compose/compose_source.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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

  [[nodiscard]] bool shares(std::string_view name) const;      ///< a service, volume or network: `shared`
  [[nodiscard]] bool allows(std::string_view key) const;       ///< what reaches beyond a container: `allow`
  [[nodiscard]] bool may_join(std::string_view network) const; ///< one of the host
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

/// Of one of `services` of what `compose config` printed. Throws Error(settings), as read_compose_model does.
[[nodiscard]] ComposeService read_compose_service(const ComposeRules& rules, const YamlNode& node);

} // namespace teal
