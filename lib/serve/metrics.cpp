#include "serve/metrics.hpp"

#include <fmt/format.h>

namespace teal::serve {

namespace {

void head(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

void gauge(std::string& text, std::string_view name, std::string_view help, std::int64_t value) {
  head(text, name, "gauge", help);
  text += fmt::format("{} {}\n", name, value);
}

void outcomes(std::string& text, const DeploymentTotals& totals) {
  constexpr std::string_view k_name = "tealhook_deployments_total";
  head(text, k_name, "counter", "Deployments that are over, by how they ended.");
  for (const char* outcome : {"live", "ready", "failed", "superseded", "cancelled"}) { // none is 0, not unknown
    const auto found = totals.outcomes.find(outcome);
    text +=
        fmt::format("{}{{outcome=\"{}\"}} {}\n", k_name, outcome, found == totals.outcomes.end() ? 0 : found->second);
  }
}

void steps(std::string& text, const DeploymentTotals& totals) {
  constexpr std::string_view k_name = "tealhook_step_duration_seconds";
  head(text, k_name, "histogram", "How long the steps of deployments took.");
  for (const auto& [step, durations] : totals.steps) {
    for (std::size_t i = 0; i < DurationTotals::k_bounds.size(); ++i) {
      text += fmt::format("{}_bucket{{step=\"{}\",le=\"{}\"}} {}\n", k_name, step, DurationTotals::k_bounds.at(i),
                          durations.up_to.at(i));
    }
    text += fmt::format("{0}_bucket{{step=\"{1}\",le=\"+Inf\"}} {2}\n{0}_sum{{step=\"{1}\"}} {3}\n"
                        "{0}_count{{step=\"{1}\"}} {2}\n",
                        k_name, step, durations.count, static_cast<double>(durations.milliseconds) / 1000);
  }
}

} // namespace

void Metrics::count_request(std::string_view route, int status) {
  const std::lock_guard guard(m_mutex);
  ++m_requests[{std::string(route), status}];
}

void Metrics::count_delivery(DeliveryStatus status) {
  const std::lock_guard guard(m_mutex);
  ++m_deliveries[status];
}

void Metrics::count_restart(std::string_view what) {
  const std::lock_guard guard(m_mutex);
  ++m_restarts[std::string(what)];
}

std::string Metrics::text(const http::ServerCounts& server) {
  std::string text;
  {
    const std::lock_guard guard(m_reading);
    Database database(m_store);
    const PendingCounts pending = Statistics::pending(database);
    gauge(text, "tealhook_queue_length", "Deployments that wait.", pending.queued);
    gauge(text, "tealhook_deployments_running", "Deployments that run.", pending.running);
    gauge(text, "tealhook_deliveries_waiting", "Deliveries that were accepted and are not worked off yet.",
          Deliveries(database).count_waiting());
    const DeploymentTotals totals = m_statistics.totals(database);
    outcomes(text, totals);
    steps(text, totals);
  }
  gauge(text, "tealhook_http_connections", "Connections that are open.", static_cast<std::int64_t>(server.connections));
  const std::lock_guard guard(m_mutex);
  head(text, "tealhook_http_requests_total", "counter", "Requests that were answered, by route and status.");
  for (const auto& [key, count] : m_requests) {
    text +=
        fmt::format("tealhook_http_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", key.first, key.second, count);
  }
  head(text, "tealhook_deliveries_total", "counter", "Deliveries that were worked off, by what became of them.");
  for (const auto status : {DeliveryStatus::done, DeliveryStatus::refused, DeliveryStatus::failed}) {
    const auto found = m_deliveries.find(status);
    text += fmt::format("tealhook_deliveries_total{{outcome=\"{}\"}} {}\n", to_string(status),
                        found == m_deliveries.end() ? 0 : found->second);
  }
  head(text, "tealhook_restarts_total", "counter", "What had ended and was started again.");
  for (const char* what : {"router", "registry", "runner"}) {
    const auto found = m_restarts.find(what);
    text +=
        fmt::format("tealhook_restarts_total{{what=\"{}\"}} {}\n", what, found == m_restarts.end() ? 0 : found->second);
  }
  return text;
}

} // namespace teal::serve
