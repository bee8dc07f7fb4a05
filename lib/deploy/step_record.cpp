#include "deploy/step_record.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace teal {

void record_step(Store& store, DeploymentLog& log, std::int64_t deployment, StepName name,
                 const std::function<std::string()>& work) {
  Step done{.name = name, .status = StepStatus::failed};
  store.queue.begin_step(deployment, name);
  const Stopwatch stopwatch;
  const auto end = [&] {
    done.duration = stopwatch.elapsed();
    log.step(done);
    store.queue.end_step(deployment, name, done.status, done.duration, done.fact);
  };
  try {
    done.fact = work();
  } catch (...) {
    try {
      end();
    } catch (const Error& error) {
      log.line(fmt::format("warning: {}", error.what())); // why the step failed counts more
    }
    throw;
  }
  done.status = StepStatus::done;
  end();
}

} // namespace teal
