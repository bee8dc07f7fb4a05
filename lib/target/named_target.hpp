/// @file
/// NamedTarget: one of an app's targets as its settings have it.
#pragma once

#include "config/settings.hpp"
#include "model/home.hpp"

#include <string>

namespace teal {

struct NamedTarget {
  std::string app;
  std::string name;
  TargetSettings settings;
};

} // namespace teal
