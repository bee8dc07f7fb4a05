/// @file
/// SourceCheck: whether what a source needs is as it should be, found out before anything comes from it.
#pragma once

#include "config/settings.hpp"
#include "model/home.hpp"
#include "process/subprocess.hpp"

#include <string>

namespace teal {

/// Looks at one of the app's sources: its files are its owner's alone; its url can be read, by a host that is known,
/// and whether its key can only read; what is polled for would be deployed. Returns what was found, in words; throws
/// Error with what to do. Nothing is changed, here or there; it takes a minute at most.
[[nodiscard]] std::string check_source(const AppFolder& app, const AppSettings& settings, const SourceSettings& source,
                                       const Environment& environment);

} // namespace teal
