/// @file
/// The label of a container that starts where all whom it asks are there, and no port is published.
#pragma once

namespace teal::label {

inline constexpr const char* k_start = "tealhook.start"; ///< that network, as k_networks has them: "name=alias"

} // namespace teal::label
