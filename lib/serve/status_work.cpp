#include "serve/status_work.hpp"

#include "core/text.hpp"
#include "serve/backoff.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::serve {

namespace {

constexpr std::chrono::hours k_gives_up_after{24};
constexpr std::chrono::hours k_longest_pause{3}; ///< what is put off for longer was so before the clock was set back
constexpr const char* k_no_deployments = "-";    ///< as remote_id: the token may not make any

forge::State state_of(Status status) {
  if (!is_final(status)) {
    return forge::State::pending;
  }
  if (is_success(status)) {
    return forge::State::success;
  }
  return status == Status::failed ? forge::State::failure : forge::State::stopped;
}

/// The source that a deployment came from, or whose commit it is of; null if its forge is not to be told.
const ObservedSource* source_of(const StatusReports::Unseen& deployment, const ObservedApps& apps, const Home& home) {
  const auto app = apps.find(deployment.app);
  if (app == apps.end()) {
    return nullptr;
  }
  const auto found = std::find_if(app->second.begin(), app->second.end(), [&](const ObservedSource& one) {
    const std::string& name = one.settings.name;
    return deployment.who == "source:" + name ||
           deployment.repository == home.app(deployment.app).source_repository(name).string();
  });
  return found == app->second.end() || !found->reports() ? nullptr : &*found;
}

const ObservedSource* find_source(const StatusReport& report, const ObservedApps& apps) {
  const auto app = apps.find(report.app);
  if (app == apps.end()) {
    return nullptr;
  }
  const auto found = std::find_if(app->second.begin(), app->second.end(),
                                  [&](const ObservedSource& one) { return one.settings.name == report.source; });
  return found == app->second.end() || !found->reports() ? nullptr : &*found;
}

} // namespace

forge::CommitStatus status_of(const Deployment& deployment, const std::string& public_url) {
  const Destination& to = deployment.destination;
  const std::string text =
      fmt::format("deployment {} to {}: {}", deployment.id, to.text(),
                  deployment.outcome.empty() ? std::string(to_string(deployment.status)) : deployment.outcome);
  return {.commit = deployment.event.new_commit,
          .state = state_of(deployment.status),
          .context = fmt::format("tealhook/{}{}", deployment.event.app, to.moves_traffic() ? "" : "/" + to.text()),
          .description = shorten(printable(text), forge::CommitStatus::k_longest_description),
          .target_url =
              public_url.empty() ? "" : fmt::format("{}/api/v1/deployments/{}/log", public_url, deployment.id)};
}

std::optional<Milliseconds> StatusWork::work(Store& store, const ObservedApps& apps, const std::stop_token& end) {
  note_new(store, apps);
  m_apis.clear();
  std::optional<TimePoint> next;
  for (StatusReport& one : store.status_reports.list()) {
    const ObservedSource* source = find_source(one, apps);
    const auto deployment = store.history.deployment(one.deployment);
    if (source == nullptr || !deployment) {
      store.status_reports.close(one.deployment); // nobody wants to know any more
      continue;
    }
    if (one.reported == to_string(state_of(deployment->status))) {
      continue;
    }
    const TimePoint now = m_clock.now();
    if (const TimePoint due = due_of(one); due <= now || due > now + k_longest_pause) {
      report(store, *source, one, *deployment, end);
    }
    if (end.stop_requested()) {
      break;
    }
    if (const TimePoint due = due_of(one); due > now) {
      next = std::min(next.value_or(due), due);
    }
  }
  m_apis.clear();
  return next ? std::optional(std::max(*next - m_clock.now(), Milliseconds(0))) : std::nullopt;
}

TimePoint StatusWork::due_of(const StatusReport& report) const {
  const auto away = m_away.find({report.app, report.source});
  return away == m_away.end() ? report.next_try : std::max(report.next_try, away->second);
}

void StatusWork::note_new(Store& store, const ObservedApps& apps) const {
  for (;;) {
    const auto unseen = store.status_reports.unseen();
    if (unseen.empty()) {
      return;
    }
    std::vector<StatusReports::Opened> opened;
    for (const StatusReports::Unseen& one : unseen) {
      if (const ObservedSource* source = source_of(one, apps, m_home)) {
        opened.push_back({one.deployment, source->settings.name});
      }
    }
    store.status_reports.open(opened, unseen.back().deployment, m_clock.now());
  }
}

forge::ForgeApi& StatusWork::api_for(const ObservedSource& source, const std::stop_token& end) {
  auto& api = m_apis[{source.app, source.settings.name}];
  if (!api) {
    api = api_of(m_home, source, {.tries = 1, .longest_wait = Milliseconds(0), .interrupt = end}, m_clock);
  }
  return *api;
}

void StatusWork::report(Store& store, const ObservedSource& source, StatusReport& report, const Deployment& deployment,
                        const std::stop_token& end) {
  try {
    tell_forge(store, api_for(source, end), source, report, deployment);
  } catch (const Error& error) {
    if (!end.stop_requested()) {
      note_failure(store, report, error);
    }
  }
}

void StatusWork::tell_forge(Store& store, forge::ForgeApi& api, const ObservedSource& source, StatusReport& report,
                            const Deployment& deployment) {
  const forge::CommitStatus status = status_of(deployment, source.public_url);
  api.set_status(status);
  if (api.has_deployments() && report.remote_id != k_no_deployments) {
    try {
      if (report.remote_id.empty()) {
        report.remote_id = api.create_deployment(status.commit, deployment.destination.text());
        store.status_reports.update(report);
      }
      api.set_deployment_status(report.remote_id, status);
    } catch (const forge::ApiError& error) {
      if (error.status() != 403 && error.status() != 404 && !error.is_final()) {
        throw;
      }
      report.remote_id = k_no_deployments; // a commit's status needs less
      m_log.warn(fmt::format("no deployment is made there: {}", error.message()),
                 {{"app", report.app}, {"source", report.source}});
    }
  }
  report.reported = to_string(status.state);
  report.attempts = 0;
  report.next_try = {};
  m_away.erase({report.app, report.source});
  if (is_final(deployment.status)) {
    store.status_reports.close(report.deployment);
  } else {
    store.status_reports.update(report);
  }
}

/// Told once when it begins, and once when it is given up.
void StatusWork::note_failure(Store& store, StatusReport& report, const Error& error) {
  const TimePoint now = m_clock.now();
  const Log::Fields fields{
      {"app", report.app}, {"source", report.source}, {"deployment", std::to_string(report.deployment)}};
  const auto* refusal = dynamic_cast<const forge::ApiError*>(&error);
  const bool is_final = refusal != nullptr && refusal->is_final();
  if (is_final || now - report.since > k_gives_up_after) {
    m_log.error(fmt::format("the forge is not told what became of it: {}", error.message()), fields);
    report.next_try = {};
    m_away.erase({report.app, report.source});
    store.status_reports.close(report.deployment);
    return;
  }
  report.next_try = refusal != nullptr && refusal->until() ? *refusal->until() : now + backoff(report.attempts);
  const auto [away, is_news] = m_away.try_emplace({report.app, report.source}, report.next_try);
  if (is_news) {
    m_log.warn(fmt::format("the forge is told later what became of it: {}", error.message()), fields);
  }
  away->second = report.next_try;
  ++report.attempts;
  store.status_reports.update(report);
}

} // namespace teal::serve
