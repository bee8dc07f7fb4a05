/// @file
/// PortIndex: the ports that the apps of a home have, by their settings.
///
/// What was read of an app.yml is kept in the home's cache, and read again once that file is another one: a home may
/// have a thousand of them, and whoever makes one more need not parse them all. What the cache does not say, or not
/// rightly, costs time and never exactness.
#pragma once

#include "model/home.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace teal {

/// By app: the ports of its colors and, if it has one, of its live traffic. Throws Error(settings) for settings that do
/// not parse. The creation lock must be held.
[[nodiscard]] std::map<std::string, std::vector<std::uint16_t>> ports_of_apps(const Home& home);

} // namespace teal
