/// @file
/// Revive: a slot's containers that ought to run and do not are started again.
///
/// Invariant: what a person stopped stays so. That a container ended with its engine is told by when it ended (see
/// EngineLife); one whose program ends is started again by the engine itself.
#pragma once

#include "engine/engine_life.hpp"
#include "target/docker/docker_slots.hpp"
#include "target/target.hpp"

#include <optional>
#include <string>

namespace teal {

/// Those of all the slot's processes. `tell` gets a line for each that was started, or is not running and stays so.
Revival revive(DockerSlots& docker, const Slot& slot, const std::optional<engine::EngineLife>& life,
               const Target::Tell& tell);

/// What the container printed last, each line as "\n  | …"; empty if that cannot be told.
[[nodiscard]] std::string quote_last_words(engine::Containers& containers, const std::string& container, int lines);
/// Whether a container that does not run ought to: the engine could not start it, or ended it as it began itself.
[[nodiscard]] bool ought_to_run(const engine::Container& container, const std::optional<engine::EngineLife>& life);

} // namespace teal
