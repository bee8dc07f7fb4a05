/// @file
/// Nginx: the router that follows signposts, and takes a new configuration over where a way in is new or gone, or where
/// servers share requests by new weights.
///
/// A configuration is tested before it is taken over, and put back if it is refused. The change is made when no worker
/// of the earlier one accepts requests any more; those that it has, it ends. An nginx of somebody else's takes a
/// configuration over for every change.
#pragma once

#include "route/signpost_router.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

class Nginx final : public SignpostRouter {
public:
  Nginx(const ServerSettings::Router& settings, const std::filesystem::path& folder, const Environment& environment);

  void up(const Check& check) override;
  bool down() override;
  [[nodiscard]] std::vector<Traffic> traffic(std::string_view app) override;

private:
  [[nodiscard]] bool is_foreign() const { return !settings().config.empty(); }
  [[nodiscard]] std::optional<pid_t> pid() const override;
  [[nodiscard]] http::Request question() const override;
  [[nodiscard]] std::string version() const override;
  [[nodiscard]] std::vector<std::filesystem::path> config_files() const override;
  void write_configuration(const RoutingTable& table, std::uint64_t generation) const override;
  void require_valid() const override;
  [[nodiscard]] bool can_follow() const override { return !is_foreign(); }
  void prepare(const RoutingTable& before, const RoutingTable& after) const override;
  void take_over(std::uint64_t generation) const override;
  void take_back() const override;
  void count_answers(const RoutingTable& table, std::vector<Traffic>& all) const;
  [[nodiscard]] std::filesystem::path part_file() const { return folder() / "nginx-part.conf"; }
  [[nodiscard]] std::filesystem::path access_log() const { return folder() / "nginx-access.log"; }

  std::filesystem::path m_config; ///< that nginx is started with
};

[[nodiscard]] RouterDescription nginx_description();

} // namespace teal::route
