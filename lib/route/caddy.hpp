/// @file
/// Caddy: the router that follows signposts, and is told over its admin API where a way in is new or gone.
///
/// It takes a whole configuration at once, or none of it. Version 2.6 cannot weigh, and ends upgraded connections with
/// every configuration.
#pragma once

#include "route/signpost_router.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace teal::route {

class Caddy final : public SignpostRouter {
public:
  Caddy(const ServerSettings::Router& settings, const std::filesystem::path& folder, const Environment& environment);

private:
  [[nodiscard]] http::Request question() const override;
  [[nodiscard]] std::string version() const override;
  [[nodiscard]] std::string advice() const override;
  [[nodiscard]] std::vector<std::filesystem::path> config_files() const override;
  void write_configuration(const RoutingTable& table, std::uint64_t generation) const override;
  void take_over(std::uint64_t generation) const override;
  void load(std::uint64_t generation) const;
};

[[nodiscard]] RouterDescription caddy_description();

} // namespace teal::route
