/// @file
/// JSON: how the values of the model look in --json. Times are RFC 3339, durations whole milliseconds, sizes bytes.
#pragma once

#include "config/load.hpp"
#include "model/deployment.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <string_view>
#include <vector>

namespace teal::tool {

/// JSON is UTF-8; what people wrote, and paths, need not be.
[[nodiscard]] boost::json::string to_text(std::string_view text);

[[nodiscard]] boost::json::object to_json(const Deployment& deployment);
/// A list of {"key", "value", "origin"}.
[[nodiscard]] boost::json::array to_json(const std::vector<SettingValue>& settings);

} // namespace teal::tool
