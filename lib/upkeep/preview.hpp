/// @file
/// Preview: what a deployment would do, and what stands in its way, without doing any of it.
#pragma once

#include "core/error.hpp"
#include "model/deployment.hpp"
#include "model/request.hpp"
#include "store/store.hpp"
#include "target/plan.hpp"
#include "target/services.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace teal {

struct Preview {
  Color color = Color::blue; ///< where it would go, if not to a target without colors
  std::string target;        ///< that; empty: a color
  std::vector<std::pair<std::string, std::string>> target_steps; ///< what would be done there: name and fact
  std::optional<Plan> plan;                                      ///< nothing where the settings are wrong
  std::optional<Deployment> present;                             ///< what runs on the color now, and would be replaced
  std::optional<Color> live;                                     ///< where live traffic goes now
  bool moves_traffic = false;                                    ///< to the color, from another one or from none
  bool busy = false; ///< another deployment of the app runs or waits: this one would, too
  std::optional<Freeze> freeze;
  std::optional<Pause> pause;
  std::vector<Error> obstacles; ///< what would make it fail, as far as that can be told now
};

/// "blue", "heroku".
[[nodiscard]] std::string_view place_of(const Preview& preview);

/// Of what `request` would deploy. Changes nothing.
[[nodiscard]] Preview preview(Services& services, Store& store, const Request& request);

} // namespace teal
