/// @file
/// Settings patch: a JSON merge patch (RFC 7396) of a settings file, with all that it does not touch left as it is
/// written, comments and all.
#pragma once

#include "config/load.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace teal::api {

/// `text` as `patch` wants it. Throws Error(settings) for a text that is no YAML, or is written in a way that has to be
/// changed by hand. Whether what comes of it are valid settings is not asked here.
[[nodiscard]] std::string patched_settings(SettingsText text, const boost::json::object& patch);

} // namespace teal::api
