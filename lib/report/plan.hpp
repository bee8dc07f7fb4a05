/// @file
/// What a plan says: the steps that a deployment would take, and what stands in its way.
#pragma once

#include "model/event.hpp"
#include "target/services.hpp"
#include "upkeep/preview.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <utility>
#include <vector>

namespace teal {

/// Name and fact of each thing that would be done, in its order.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
planned_steps(const Services& services, const Event& event, const Preview& preview);

[[nodiscard]] boost::json::object to_json(const Services& services, const Event& event, const Preview& preview);

} // namespace teal
