#include "report/json.hpp"

#include "core/utf8.hpp"

namespace teal {

namespace {

namespace json = boost::json;

json::value total(const Deployment& deployment) {
  if (!deployment.started || !deployment.finished) {
    return nullptr;
  }
  return (*deployment.finished - *deployment.started).count();
}

std::string_view name_of(engine::RegistryStatus::Kind kind) {
  switch (kind) {
  case engine::RegistryStatus::Kind::container:
    return "container";
  case engine::RegistryStatus::Kind::process:
    return "process";
  case engine::RegistryStatus::Kind::foreign:
    return "foreign";
  case engine::RegistryStatus::Kind::none:
    break;
  }
  return "none";
}

} // namespace

json::string to_text(std::string_view text) {
  return json::string(valid_utf8(text));
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(to_text(text));
}

json::value time_or_null(const std::optional<TimePoint>& time) {
  return time ? json::value(format_time(*time)) : json::value(nullptr);
}

json::object to_json(const Error& error) {
  json::array trail;
  for (const std::string& doing : error.trail()) {
    trail.push_back(to_text(doing));
  }
  return {{"kind", to_string(error.kind())}, {"message", to_text(error.message())}, {"while", std::move(trail)}};
}

json::object failure(const Error& error) {
  return {{"error", to_json(error)}};
}

json::object to_json(const Step& step) {
  return {{"name", to_string(step.name)},
          {"status", to_string(step.status)},
          {"started", format_time(step.started)},
          {"duration_ms", step.duration.count()},
          {"fact", to_text(step.fact)}};
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
          {"image", text_or_null(event.artifact)},
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
          {"due", time_or_null(deployment.due)},
          {"retry", deployment.retry},
          {"retry_of", deployment.retry_of == 0 ? json::value(nullptr) : json::value(deployment.retry_of)},
          {"outcome", to_text(deployment.outcome)},
          {"steps", std::move(steps)}};
}

json::object to_json(const Freeze& freeze) {
  return {{"who", to_text(freeze.who)}, {"why", to_text(freeze.why)}, {"since", format_time(freeze.at)}};
}

json::object to_json(const Pause& pause) {
  return {{"who", to_text(pause.who)}, {"since", format_time(pause.at)}};
}

json::object to_json(const Explanation& explanation) {
  json::array looks;
  for (const Explanation::Look& look : explanation.looks) {
    looks.push_back({{"at", to_text(look.at)}, {"verdict", look.verdict}, {"why", text_or_null(look.why)}});
  }
  return {
      {"what", to_text(explanation.what)},
      {"looks", std::move(looks)},
      {"destination", explanation.destination ? json::value(explanation.destination->text()) : json::value(nullptr)},
      {"outcome", to_text(explanation.outcome)}};
}

json::object to_json(const Action& action) {
  return {{"id", action.id},
          {"at", format_time(action.at)},
          {"app", text_or_null(action.app)},
          {"verb", action.verb},
          {"refused", action.refused},
          {"who", text_or_null(action.who)},
          {"door", to_string(action.origin.door)},
          {"from", text_or_null(action.origin.from)},
          {"deployment", action.deployment == 0 ? json::value(nullptr) : json::value(action.deployment)},
          {"text", to_text(action.text)}};
}

json::array to_json(const std::vector<Grant>& grants) {
  json::array shown;
  for (const Grant& grant : grants) {
    json::array verbs;
    for (const Verb verb : grant.verbs) {
      verbs.emplace_back(to_string(verb));
    }
    shown.push_back({{"app", grant.app}, {"can", std::move(verbs)}});
  }
  return shown;
}

json::object to_json(const Credential& credential) {
  return {{"name", credential.principal.name},
          {"grants", to_json(credential.principal.grants)},
          {"fingerprint", text_or_null(credential.fingerprint)},
          {"created", format_time(credential.created)},
          {"last_used", time_or_null(credential.last_used)}};
}

json::object to_json(const SwitchResult& result) {
  return {{"from", result.from ? json::value(to_string(*result.from)) : json::value(nullptr)},
          {"live", to_string(result.to)},
          {"commit", result.commit},
          {"address", to_text(result.address)},
          {"went_back", text_or_null(result.went_back)},
          {"called_off", text_or_null(result.called_off)}};
}

json::object to_json(const Release& release) {
  return {{"id", release.id},
          {"app", release.app},
          {"commit", release.commit},
          {"subject", to_text(release.subject)},
          {"target", release.target},
          {"artifact", text_or_null(release.artifact)},
          {"created", format_time(release.created)}};
}

json::object to_json(const Release& release, RollbackWay way) {
  return {
      {"release", release.id}, {"commit", release.commit}, {"by", way == RollbackWay::nothing ? "nothing" : "switch"}};
}

json::object removed_json(std::string_view app, std::string_view left) {
  return {{"name", app}, {"removed", true}, {"left", text_or_null(left)}};
}

json::object frozen_json(const Freeze& freeze, int held) {
  return {{"app", freeze.app},
          {"frozen", true},
          {"who", to_text(freeze.who)},
          {"why", to_text(freeze.why)},
          {"held", held}};
}

json::object unfrozen_json(std::string_view app, bool was_frozen, const std::vector<std::int64_t>& deployed) {
  return {{"app", app},
          {"frozen", false},
          {"was_frozen", was_frozen},
          {"deployed", json::array(deployed.begin(), deployed.end())}};
}

json::object paused_json(const Pause& pause, bool was_paused) {
  return {{"app", pause.app}, {"paused", to_json(pause)}, {"was_paused", was_paused}};
}

json::object resumed_json(std::string_view app, bool was_paused, int waiting) {
  return {{"app", app}, {"paused", nullptr}, {"was_paused", was_paused}, {"waiting", waiting}};
}

json::object to_json(const engine::RegistryStatus& status) {
  return {{"kind", name_of(status.kind)},     {"answers", status.answers},           {"address", status.address},
          {"detail", to_text(status.detail)}, {"repositories", status.repositories}, {"images", status.images},
          {"disk_bytes", status.disk}};
}

json::array to_json(const std::vector<SettingValue>& settings) {
  json::array values;
  for (const SettingValue& value : settings) {
    values.push_back({{"key", to_text(value.key)}, {"value", to_text(value.value)}, {"origin", to_text(value.origin)}});
  }
  return values;
}

json::array to_json(const std::vector<Finding>& findings) {
  json::array found;
  for (const Finding& finding : findings) {
    found.push_back({{"good", finding.good}, {"subject", to_text(finding.subject)}, {"text", to_text(finding.text)}});
  }
  return found;
}

} // namespace teal
