/// @file
/// Retention: releases beyond deploy.keep_releases go, from the engine, the registry and the store; never one that
/// runs, or that a deployment waits to run.
#pragma once

#include "target/services.hpp"
#include "engine/images.hpp"
#include "store/store.hpp"

#include <string>

namespace teal {

/// Keeps the newest `keep` releases that a deployment succeeded with, what any container of the app was made from, what
/// was live before what is live now, and what is to be deployed again.
void remove_old_releases(Services& services, Store& store, std::string_view app, std::int64_t keep);

/// Drop all names that an image has in `repository`, and so the image unless something else names or uses it.
void remove_image(engine::Images& images, const std::string& repository, const std::string& image);

} // namespace teal
