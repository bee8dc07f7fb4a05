/// @file
/// Retention: releases beyond deploy.keep_releases go, from their target and the store; never one that
/// runs, or that a deployment waits to run.
#pragma once

#include "store/store.hpp"
#include "target/services.hpp"

#include <string>

namespace teal {

/// Of each target, keeps the newest `deploy.keep_releases` that a deployment succeeded with, what anything of the app
/// runs, what was live before what is live now, and what is to be deployed again. What hinders it at one target keeps
/// it from no other, and is thrown in the end.
void remove_old_releases(Services& services, Store& store, std::string_view app);

} // namespace teal
