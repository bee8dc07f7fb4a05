/// @file
/// Settings that somebody changed in app.yml, noticed when a deployment first goes by them.
///
/// app.yml is written with any editor, so who it was cannot be told.
#pragma once

#include "store/store.hpp"

#include <string>

namespace teal {

/// Into the app's history, if other values are in force than with its newest release; `settings` is the text of app.yml
/// now.
void note_changed_settings(Store& store, const std::string& app, const std::string& settings);

} // namespace teal
