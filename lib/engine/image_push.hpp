/// @file
/// Pushing an image to its registry.
#pragma once

#include "engine/engine.hpp"
#include "engine/push_output.hpp"

#include <functional>
#include <string>

namespace teal::engine {

struct PushOrder {
  std::string repository; ///< "localhost:5000/shop"
  std::string tag;
  std::string login; ///< what registry_login() returns. Secret.
  Milliseconds deadline = std::chrono::minutes(10);
  std::function<void(const PushOutput&)> on_progress = {}; ///< may be of nobody
};

/// By a connection of its own, so that another thread may call `engine` meanwhile. Returns the manifest's digest,
/// "sha256:…". Throws Error(environment) with the registry's reason, Error(busy) once `engine` is interrupted.
std::string push_image(Engine& engine, const PushOrder& order);

} // namespace teal::engine
