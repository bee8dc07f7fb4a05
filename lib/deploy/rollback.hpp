/// @file
/// Rollback: which release to go back to, and how: by a switch to the color that still runs it, or by deploying it
/// again.
#pragma once

#include "model/deployment.hpp"
#include "model/release.hpp"
#include "model/request.hpp"
#include "request/submission.hpp"
#include "store/store.hpp"
#include "target/services.hpp"
#include "traffic/switch.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace teal {

struct RollbackOrder {
  std::string app;
  std::string wanted; ///< an id, or the beginning of a commit; empty: the one before
  std::string target; ///< one without colors; empty: the colors, or of an id, where it belongs
};

/// The release that is meant. The one before is the one that was live before, which is the one that a gradual switch
/// under way comes from, or, without a router, that the color deployed last ran before; of a target, what it ran
/// before. Throws Error(usage) with those that are kept.
[[nodiscard]] Release find_rollback(Services& services, Store& store, const RollbackOrder& order);

struct AlreadyThere {};
struct BySwitch {
  Color color;
};
struct ByDeployment {
  Request request;
};

/// The shortest way to it.
[[nodiscard]] std::variant<AlreadyThere, BySwitch, ByDeployment> plan_rollback(Services& services, Store& store,
                                                                               const Release& release);

/// Goes that way in the name of `who`, through whose door it comes. A Submission is of what was asked for, and not of
/// its end. `tell` gets what switch_traffic() tells.
[[nodiscard]] std::variant<AlreadyThere, SwitchResult, Submission>
go_back(Services& services, const Workplace& place, const Release& release, const Principal& who,
        const std::function<void(const std::string&)>& tell);

} // namespace teal
