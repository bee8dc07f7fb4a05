/// @file
/// Names: what an app may be called, and what its parts are called in the engine and the registry.
#pragma once

#include "model/color.hpp"

#include <map>
#include <string>
#include <string_view>

namespace teal {

/// Throws Error(usage) unless `name` can be a folder, a container, an image repository and a host name label at once:
/// 1 to 40 of a-z, 0-9 and '-', a letter first, no '-' last or doubled.
void require_app_name(std::string_view name);
[[nodiscard]] bool is_app_name(std::string_view name) noexcept;

/// "shop-blue".
[[nodiscard]] std::string container_name(std::string_view app, Color color);
/// "tealhook-shop": the network that only this app's containers share.
[[nodiscard]] std::string network_name(std::string_view app);
/// "tealhook--start-1f2e…": where the containers of all apps of the home are while they start. No app's own network has
/// such a name.
[[nodiscard]] std::string starting_network_name(std::string_view home);
/// "tealhook-shop--start": the same of one app alone, as it was made before homes had one.
[[nodiscard]] std::string former_starting_network_name(std::string_view app);

/// What our own pushes to the registry are tagged with beside the color: a built image with its commit, another with
/// this.
[[nodiscard]] std::string tag_of_image(std::string_view image_id);
/// Whether `tag` is one that our own pushes give.
[[nodiscard]] bool is_own_tag(std::string_view tag) noexcept;

/// Labels on every container and network of ours, as the engine lists them. A container has each that is in blank(),
/// for one that it was not given it would take from its image: an empty one counts as none.
namespace label {
inline constexpr const char* k_home = "tealhook.home"; ///< the home's path: two homes may share an engine
inline constexpr const char* k_app = "tealhook.app";
inline constexpr const char* k_color = "tealhook.color";
inline constexpr const char* k_port = "tealhook.port";       ///< that the program listens on
inline constexpr const char* k_process = "tealhook.process"; ///< of run.processes; the one that answers has none
inline constexpr const char* k_replica = "tealhook.replica"; ///< from "2"; the first has none
inline constexpr const char* k_commit = "tealhook.commit";
inline constexpr const char* k_release = "tealhook.release";
inline constexpr const char* k_deployment = "tealhook.deployment";
inline constexpr const char* k_scaling = "tealhook.scaling"; ///< the deployment that added it to those of k_deployment
inline constexpr const char* k_networks = "tealhook.networks"; ///< further ones, separated by ','; "name=alias"
inline constexpr const char* k_project = "tealhook.project";   ///< on networks: the compose project that has it
inline constexpr const char* k_shared = "tealhook.shared";     ///< the service that both colors have in common
/// Of a compose project's: the network where all whom it asks are there from the start, and no port is published; as
/// k_networks has them.
inline constexpr const char* k_start = "tealhook.start";
/// Of one on another host behind a router here: where it is reached, "10.0.0.5:52017".
inline constexpr const char* k_reached_at = "tealhook.reached-at";
/// All of a container's, each empty.
[[nodiscard]] std::map<std::string, std::string> blank();
} // namespace label

} // namespace teal
