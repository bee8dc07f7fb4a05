#include "json.hpp"

#include "core/utf8.hpp"

#include <boost/json/value.hpp>

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
          {"fact", to_text(step.fact)}};
}

json::value total(const Deployment& deployment) {
  if (!deployment.started || !deployment.finished) {
    return nullptr;
  }
  return (*deployment.finished - *deployment.started).count();
}

} // namespace

json::string to_text(std::string_view text) {
  return json::string(valid_utf8(text));
}

json::array to_json(const std::vector<SettingValue>& settings) {
  json::array values;
  for (const SettingValue& value : settings) {
    values.push_back({{"key", to_text(value.key)}, {"value", to_text(value.value)}, {"origin", to_text(value.origin)}});
  }
  return values;
}

json::object to_json(const Deployment& deployment) {
  json::array steps;
  for (const Step& step : deployment.steps) {
    steps.push_back(to_json(step));
  }
  const Event& event = deployment.event;
  return {{"id", deployment.id},
          {"app", event.app},
          {"destination", deployment.destination.text()},
          {"color", deployment.color ? json::value(to_string(*deployment.color)) : json::value(nullptr)},
          {"status", to_string(deployment.status)},
          {"trigger", to_string(event.trigger)},
          {"ref", to_text(event.ref)},
          {"commit", event.new_commit},
          {"subject", to_text(event.subject)},
          {"who", to_text(event.who)},
          {"release", deployment.release == 0 ? json::value(nullptr) : json::value(deployment.release)},
          {"created", format_time(deployment.created)},
          {"started", time_or_null(deployment.started)},
          {"finished", time_or_null(deployment.finished)},
          {"total_ms", total(deployment)},
          {"engine_ms", deployment.engine_time.count()},
          {"runner_peak_kib", deployment.peak_memory / 1024},
          {"attempts", deployment.attempts},
          {"outcome", to_text(deployment.outcome)},
          {"steps", std::move(steps)}};
}

} // namespace teal::tool
