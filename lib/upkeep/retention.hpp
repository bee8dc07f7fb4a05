/// @file
/// Retention: releases beyond deploy.keep_releases go, from their target and the store; never one that
/// runs, or that a deployment waits to run.
#pragma once

#include "store/store.hpp"
#include "target/services.hpp"

#include <string>

namespace teal {

/// Keeps the newest `keep` releases that a deployment succeeded with, what anything of the app runs, what
/// was live before what is live now, and what is to be deployed again.
void remove_old_releases(Services& services, Store& store, std::string_view app, std::int64_t keep);

} // namespace teal
