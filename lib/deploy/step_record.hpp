/// @file
/// StepRecord: a step of a deployment, stored before and after it, and told in its log.
#pragma once

#include "request/deployment_log.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace teal {

/// `work` returns the fact worth knowing; what it throws ends the step as failed, and goes on up.
void record_step(Store& store, DeploymentLog& log, std::int64_t deployment, StepName name,
                 const std::function<std::string()>& work);

} // namespace teal
