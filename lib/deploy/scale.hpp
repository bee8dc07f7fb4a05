/// @file
/// Scale: how many containers of a color answer its requests, changed by a person.
///
/// Invariant: app.yml says a number once so many run: what cannot be brought about is not tried with the next
/// deployment.
#pragma once

#include "request/submission.hpp"
#include "target/services.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

struct ScaleOrder {
  std::string app;
  int replicas = 0;                ///< 0: as `step` says
  int step = 0;                    ///< more than there are, or are to be by what waits; fewer if negative
  std::optional<Color> color = {}; ///< nothing: of all that run
  Trigger door = Trigger::cli;
};

struct Scaling {
  int replicas = 0;                         ///< that there are to be
  std::vector<Submission> submissions = {}; ///< one for each color that has another number; that of live traffic first
  bool is_for_the_next_one = false;         ///< nothing runs: app.yml says it, and the next deployment goes by that
};

/// A deployment for each color, asked for in the name of `who`. Throws Error(usage) for a number that cannot be, the
/// last one among them, Error(settings) where there is no router that could share requests, or app.yml cannot be
/// edited; then nothing is asked for.
[[nodiscard]] Scaling order_scaling(Services& services, const Workplace& place, const Principal& who,
                                    const ScaleOrder& order);

/// Of an app some of whose replicas are gone, as somebody removed them: a deployment for each color that runs with
/// fewer than app.yml says, unless one of the app is under way.
[[nodiscard]] std::vector<Submission> mend_replicas(Services& services, const Workplace& place, const Principal& who,
                                                    const std::string& app);

/// What `deployment` brought about stands in app.yml from now on. Returns why not, in words; empty if it does.
[[nodiscard]] std::string keep_replicas(const Home& home, Store& store, const Deployment& deployment);

} // namespace teal
