#include "serve/metrics.hpp"
#include "serve_fixture.hpp"

using namespace teal;

TEST_CASE_METHOD(ServeFixture, "metrics tell what was counted and what the store knows") {
  const auto id = m_store.queue.enqueue(event_of("shop"), Color::blue).deployment.id;
  REQUIRE(m_store.queue.begin(id, Color::blue));
  m_store.queue.begin_step(id, StepName::build);
  m_store.queue.end_step(id, StepName::build, StepStatus::done, Milliseconds(1500), "");
  m_store.queue.finish(id, Status::ready, {});
  m_store.queue.enqueue(event_of("shop"), Color::green);
  serve::Metrics metrics(m_home.store());
  metrics.count_request("/hook", 202);
  metrics.count_request("/hook", 202);
  metrics.count_delivery(DeliveryStatus::refused);
  metrics.count_restart("router");
  const std::string text = metrics.text({.connections = 3});
  for (const char* line :
       {"# TYPE tealhook_queue_length gauge\ntealhook_queue_length 1\n",
        "tealhook_deployments_total{outcome=\"ready\"} 1\n", "tealhook_deployments_total{outcome=\"failed\"} 0\n",
        "tealhook_http_connections 3\n", "tealhook_http_requests_total{route=\"/hook\",status=\"202\"} 2\n",
        "tealhook_step_duration_seconds_bucket{step=\"build\",le=\"1\"} 0\n",
        "tealhook_step_duration_seconds_bucket{step=\"build\",le=\"5\"} 1\n",
        "tealhook_step_duration_seconds_bucket{step=\"build\",le=\"+Inf\"} 1\n",
        "tealhook_step_duration_seconds_sum{step=\"build\"} 1.5\n",
        "tealhook_step_duration_seconds_count{step=\"build\"} 1\n", "tealhook_restarts_total{what=\"router\"} 1\n",
        "tealhook_deliveries_total{outcome=\"done\"} 0\n", "tealhook_deliveries_total{outcome=\"refused\"} 1\n",
        "tealhook_deliveries_waiting 0\n"}) {
    CHECK_THAT(text, ContainsSubstring(line));
  }
}
