/// @file
/// HistoryEntry: what happened to an app: its deployments, and what people did beside, in the order of time.
///
/// What became of a deployment (its status, for ever) and whether it gets live traffic (now) are two things.
#pragma once

#include "model/action.hpp"
#include "model/deployment.hpp"
#include "store/store.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace teal {

struct PastDeployment {
  Deployment deployment;
  bool is_live = false;                ///< now
  std::optional<TimePoint> live_since; ///< began to be live the last time
  std::optional<TimePoint> live_until; ///< ended to be; nothing while it is, or if it never was

  /// "live", "was live until 5 min ago", or what became of it.
  [[nodiscard]] std::string describe_status(TimePoint now) const;
};

using HistoryEntry = std::variant<PastDeployment, Action>;

/// Newest first, at most `limit`.
[[nodiscard]] std::vector<HistoryEntry> history_of(const Store& store, std::string_view app, std::size_t limit);

/// With "kind": "deployment" or "action".
[[nodiscard]] boost::json::object to_json(const HistoryEntry& entry);

} // namespace teal
