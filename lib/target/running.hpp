/// @file
/// Running: what serves a slot, as its target has it now.
#pragma once

#include "model/color.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace teal {

struct Running {
  std::string id;   ///< names it for good: a router knows it by that
  std::string name; ///< for people
  bool runs = false;
  std::string state; ///< in the target's own words: "running", "exited"
  std::string app;
  std::optional<Color> color;
  std::int64_t deployment = 0; ///< the one that made it
  std::int64_t release = 0;
  std::string commit;              ///< 40 hex digits
  std::string address;             ///< where a router reaches it; empty: nowhere now
  std::uint16_t port = 0;          ///< that it answers on there; 0: not known
  std::uint16_t published = 0;     ///< the host's port that it is to have without a router; 0: none
  bool has_published_port = false; ///< and has it now
  int replica = 1;
  std::vector<Running> replicas = {}; ///< further ones, which share its requests
};

/// It, and its replicas.
[[nodiscard]] inline std::vector<Running> each_of(Running running) {
  std::vector<Running> all = std::exchange(running.replicas, {});
  all.insert(all.begin(), std::move(running));
  return all;
}

} // namespace teal
