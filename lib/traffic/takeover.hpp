/// @file
/// Takeover: requests moved to what a deployment has brought up, and back where they went if that is undone.
#pragma once

#include "traffic/live_traffic.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

struct TakeoverRequest {
  Color color = Color::blue; ///< of what was brought up
  bool follow = false;       ///< live traffic moves to it
  std::string who;
  std::string what = "the new container"; ///< for people
};

class Takeover {
public:
  /// All must outlive it.
  Takeover(LiveTraffic& traffic, const AppSettings& settings, TakeoverRequest request)
      : m_traffic(traffic), m_settings(settings), m_request(std::move(request)) {}

  /// The color's requests, and with `follow` live traffic, go to `successor`. A gradual switch that is under way is
  /// called off. Returns the fact worth knowing.
  [[nodiscard]] std::string move(const Running& successor);
  /// The router has the routes again that it had before; nothing to do if none were moved.
  void undo();

  /// Whether live traffic goes to what was brought up.
  [[nodiscard]] bool is_live() const { return m_is_live; }
  /// The color that was live before and does not run on (deploy.keep_idle: false).
  [[nodiscard]] std::optional<Color> left() const { return m_left; }

private:
  LiveTraffic& m_traffic;
  const AppSettings& m_settings;
  TakeoverRequest m_request;
  std::optional<std::vector<route::Route>> m_before; ///< routes of the app, once the router was told something else
  bool m_is_live = false;
  std::optional<Color> m_left;
};

} // namespace teal
