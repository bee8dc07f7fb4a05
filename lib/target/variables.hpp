/// @file
/// Variables: what every program of a color is told of itself, whatever runs it.
#pragma once

#include "model/release.hpp"
#include "model/slot.hpp"

#include <map>
#include <string>

namespace teal {

/// TEALHOOK_APP, TEALHOOK_COLOR, TEALHOOK_COMMIT and TEALHOOK_RELEASE.
[[nodiscard]] inline std::map<std::string, std::string> variables_of(const Slot& slot, const Release& release) {
  return {{"TEALHOOK_APP", slot.app},
          {"TEALHOOK_COLOR", std::string(to_string(slot.color))},
          {"TEALHOOK_COMMIT", release.commit},
          {"TEALHOOK_RELEASE", std::to_string(release.id)}};
}

} // namespace teal
