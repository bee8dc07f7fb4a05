/// @file
/// EngineLife: when the engine that answers began, and when it was done with what the one before it had left.
///
/// An engine that was killed and started again (dockerd 20.10, without live-restore) ends the containers that still
/// run, as if a person had stopped them, and then leaves them so. What a person stops ends before it began, or after it
/// was ready; what it ended itself, between the two.
#pragma once

#include "core/clock.hpp"
#include "engine/engine.hpp"

#include <optional>

namespace teal::engine {

struct EngineLife {
  TimePoint began; ///< its process
  TimePoint ready; ///< to be asked

  [[nodiscard]] bool ended(TimePoint time) const { return began <= time && time <= ready; }
};

/// Nothing where it cannot be told: for an engine on another host, or one that has no default bridge.
[[nodiscard]] std::optional<EngineLife> find_life(Engine& engine);

} // namespace teal::engine
