#include "json.hpp"

#include <boost/json/array.hpp>

namespace teal::tool {

namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<TimePoint>& time) {
  return time ? json::value(format_time(*time)) : json::value(nullptr);
}

json::object to_json(const Step& step) {
  return {{"name", to_string(step.name)},
          {"status", to_string(step.status)},
          {"started", format_time(step.started)},
          {"duration_ms", step.duration.count()},
          {"fact", step.fact}};
}

json::value total(const Deployment& deployment) {
  if (!deployment.started || !deployment.finished) {
    return nullptr;
  }
  return (*deployment.finished - *deployment.started).count();
}

} // namespace

json::object to_json(const Deployment& deployment) {
  json::array steps;
  for (const Step& step : deployment.steps) {
    steps.push_back(to_json(step));
  }
  const Event& event = deployment.event;
  return {{"id", deployment.id},
          {"app", event.app},
          {"color", to_string(deployment.color)},
          {"status", to_string(deployment.status)},
          {"trigger", to_string(event.trigger)},
          {"ref", event.ref},
          {"commit", event.new_commit},
          {"subject", event.subject},
          {"who", event.who},
          {"release", deployment.release == 0 ? json::value(nullptr) : json::value(deployment.release)},
          {"created", format_time(deployment.created)},
          {"started", time_or_null(deployment.started)},
          {"finished", time_or_null(deployment.finished)},
          {"total_ms", total(deployment)},
          {"engine_ms", deployment.engine_time.count()},
          {"runner_peak_kib", deployment.peak_memory / 1024},
          {"attempts", deployment.attempts},
          {"outcome", deployment.outcome},
          {"steps", std::move(steps)}};
}

} // namespace teal::tool
