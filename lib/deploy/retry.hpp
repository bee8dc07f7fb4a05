/// @file
/// Retry: whether a deployment that failed is tried again by itself, and when.
///
/// Only what nobody asked for by hand is, and only where the cause may pass: a registry, a network or an engine that is
/// away. What a build, a health check or the settings say stays so until somebody changes it.
#pragma once

#include "core/error.hpp"
#include "model/deployment.hpp"
#include "model/home.hpp"
#include "target/services.hpp"

#include <optional>

namespace teal {

/// Where a deployment failed.
struct FailurePoint {
  bool has_begun = false;       ///< any of its steps
  std::optional<StepName> step; ///< which failed; nothing: none of them
};

/// Whether the cause of `error`, which kept a deployment from its first step, may pass.
[[nodiscard]] bool may_pass(const Error& error);
/// The same of one that failed there. Where the step does not tell, the engine is asked whether it answers now.
[[nodiscard]] bool may_pass(const Error& error, const FailurePoint& point, engine::Engine& engine);

/// How long to wait before it is tried again: 10 s, 20 s and so on, at most 5 min. Nothing: it is not, for it was asked
/// for by hand, or failed deploy.retries times since.
[[nodiscard]] std::optional<Milliseconds> pause_before_retry(const Home& home, const Deployment& failed);

} // namespace teal
