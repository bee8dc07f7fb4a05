/// @file
/// ComposeRender: a release's compose file, as compose itself understands it, with the variables of its color.
#pragma once

#include "engine/compose_cli.hpp"
#include "model/home.hpp"
#include "model/slot.hpp"
#include "target/compose/compose_model.hpp"
#include "target/plan.hpp"

#include <filesystem>
#include <string>

namespace teal {

struct RenderOrder {
  const Slot& slot;
  const Plan& plan;
  const std::string& commit;
  std::filesystem::path tree;   ///< has the commit
  std::filesystem::path folder; ///< of ours, where a file for a moment can be
};

/// How the app's colors are run: of kind compose.
[[nodiscard]] const TargetSettings::Compose& compose_settings(const AppSettings& settings);

/// Throws Error(settings) with the file's place and compose's own words where it is refused.
[[nodiscard]] ComposeModel render(engine::ComposeCli& compose, const RenderOrder& order);

} // namespace teal
