/// @file
/// JSON: how the values of the model look in --json. Times are RFC 3339, durations whole milliseconds, sizes bytes.
#pragma once

#include "engine/containers.hpp"
#include "model/deployment.hpp"
#include "model/release.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace teal::tool {

[[nodiscard]] boost::json::object to_json(const Deployment& deployment);

} // namespace teal::tool
