/// @file
/// Presenter: what whoever asked is told of a submission, and of the deployment that comes of it, on a terminal or
/// through git.
#pragma once

#include "request/output.hpp"
#include "request/submission.hpp"

#include <string>

namespace teal {

/// Tells what became of it, and, unless `detach`, shows the deployment until its end, or until a pause keeps it
/// waiting. Returns what to exit with: 1 if the deployment failed; 4 if the app is frozen or paused; a reader that went
/// away is no failure.
int present(const Workplace& place, const Submission& submission, Output& output, bool detach);

/// Shows a deployment until its end. Returns the same.
int present(const Workplace& place, std::int64_t deployment, Output& output);

/// "'shop' is frozen by anna since 2026-11-21 09:52:01: stocktaking".
[[nodiscard]] std::string describe(const Freeze& freeze);

} // namespace teal
