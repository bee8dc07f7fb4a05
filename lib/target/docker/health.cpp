#include "target/docker/health.hpp"

#include "core/text.hpp"
#include "host/socket_table.hpp"
#include "http/client.hpp"
#include "http/tcp_probe.hpp"
#include "target/docker/docker_slots.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr Milliseconds k_first_pause{25};
constexpr Milliseconds k_connect_limit{
    250}; ///< the container is on this host; a lost first packet is not waited a second for
constexpr std::size_t k_body_limit = std::size_t{4} << 20U;
constexpr std::size_t k_quoted_body = 200;

std::string address_of(const engine::Container& container, const std::string& network) {
  const auto found = container.addresses.find(network);
  return found == container.addresses.end() ? std::string() : found->second;
}

/// What the program listens on instead, if that can be seen.
std::string describe_listening(const engine::Container& container, std::uint16_t expected) {
  if (!is_process_of_this_host(container)) {
    return "";
  }
  std::vector<std::string> seen;
  for (const TcpListener& socket : tcp_listeners(container.pid)) {
    if (socket.port == expected) {
      return socket.loopback
                 ? fmt::format("; it listens on port {} of its loopback only: let it listen on 0.0.0.0", expected)
                 : fmt::format("; it does listen on port {}", expected);
    }
    if (!socket.loopback) {
      seen.push_back(fmt::format("port {}", socket.port));
    }
  }
  if (seen.empty()) {
    return fmt::format("; nothing listens on port {} (container_port)", expected);
  }
  return fmt::format("; it listens on {}, not on {} (container_port)", join(seen, " and "), expected);
}

} // namespace

std::string describe_exit(const engine::Container& container) {
  if (container.out_of_memory) {
    return "was killed: out of memory (run.memory sets how much it may use)";
  }
  if (!container.error.empty()) {
    return fmt::format("did not start: {}", container.error);
  }
  return fmt::format(
      "exited with {}{}", container.exit_code,
      container.exit_code == engine::k_killed ? ": somebody killed it, or the kernel for memory (run.memory)" : "");
}

HealthCheck::HealthCheck(engine::Engine& engine, const HealthSettings& settings)
    : m_engine(engine), m_containers(engine), m_settings(settings) {}

engine::Container HealthCheck::require_running(const HealthSubject& subject) {
  auto container = m_containers.inspect(subject.container);
  if (!container || !container->running) {
    throw Error(ErrorKind::environment,
                fmt::format("the program {}", container ? describe_exit(m_containers.await_cause(*container))
                                                        : "is gone: its container was removed"));
  }
  return std::move(*container);
}

Probe HealthCheck::look(const HealthSubject& subject) {
  const engine::Container container = require_running(subject);
  Probe probe = probe_container(subject, container);
  if (probe.healthy && m_settings.kind == HealthSettings::Kind::http && subject.published_port != 0) {
    probe.healthy = probe_published(subject).healthy;
    probe.answer += probe.healthy ? "" : fmt::format(" inside, but nothing through port {}", subject.published_port);
  }
  if (!probe.answered) {
    probe.answer += describe_listening(container, subject.container_port);
  }
  return probe;
}

std::string HealthCheck::wait_until_healthy(const HealthSubject& subject) {
  const Stopwatch stopwatch;
  for (Milliseconds pause = k_first_pause;; pause = std::min(pause * 3 / 2, m_settings.interval)) {
    m_engine.require_uninterrupted();
    const Probe probe = look(subject);
    if (probe.healthy) {
      watch(subject);
      return probe.answer;
    }
    if (stopwatch.elapsed() + pause > m_settings.deadline) {
      throw Error(ErrorKind::timeout,
                  fmt::format("not healthy within {}: {}", format_duration(m_settings.deadline), probe.answer));
    }
    sleep_unless(m_engine.interrupt(), pause);
  }
}

/// What was healthy once must stay so for health.settle.
void HealthCheck::watch(const HealthSubject& subject) {
  const Stopwatch stopwatch;
  while (stopwatch.elapsed() < m_settings.settle) {
    sleep_unless(m_engine.interrupt(), std::min(m_settings.interval, m_settings.settle - stopwatch.elapsed()));
    m_engine.require_uninterrupted();
    const Probe probe = look(subject);
    if (!probe.healthy) {
      static_cast<void>(require_running(subject)); // it may have ended between the look and the probe
      throw Error(ErrorKind::environment, fmt::format("healthy at first, but not for {} (health.settle): {}",
                                                      format_duration(m_settings.settle), probe.answer));
    }
  }
}

Probe HealthCheck::probe_container(const HealthSubject& subject, const engine::Container& container) {
  if (m_settings.kind == HealthSettings::Kind::command) {
    try {
      const auto result = m_containers.exec(container.id, m_settings.command, m_settings.timeout);
      return {
          result.exit_code == 0, true,
          fmt::format("command -> {} {}", result.exit_code, shorten(printable(trim(result.output)), k_quoted_body))};
    } catch (const Error& error) {
      return {false, true, error.message()};
    }
  }
  const bool local = m_engine.host().starts_with("unix:") && !address_of(container, subject.network).empty();
  const std::string address = local ? address_of(container, subject.network) : subject.published_address;
  const std::uint16_t port = local ? subject.container_port : subject.published_port;
  if (m_settings.kind == HealthSettings::Kind::http) {
    return probe_http(address, port);
  }
  const auto fault = http::why_no_connection(address, port, std::min(m_settings.timeout, k_connect_limit));
  return {!fault, !fault, fault.value_or(fmt::format("port {} accepts connections", subject.container_port))};
}

Probe HealthCheck::probe_http(const std::string& address, std::uint16_t port) {
  http::Client client({http::Endpoint::Kind::tcp, address, port});
  const std::string request = fmt::format("GET {}", m_settings.path);
  try {
    const auto response = client.request(
        {.target = m_settings.path,
         .headers = {{"Host", m_settings.host.empty() ? "localhost" : m_settings.host},
                     {"User-Agent", "tealhook-health"},
                     {"Connection", "close"}}},
        {.connect = std::min(m_settings.timeout, k_connect_limit), .total = m_settings.timeout, .body = k_body_limit});
    const bool healthy = m_settings.expect.contains(response.status);
    const std::string body = healthy ? "" : shorten(printable(trim(response.body)), k_quoted_body);
    return {healthy, true, fmt::format("{} -> {}{}{}", request, response.status, body.empty() ? "" : ": ", body)};
  } catch (const Error& error) {
    return {false, false, fmt::format("{}: {}", request, error.message())};
  }
}

Probe HealthCheck::probe_published(const HealthSubject& subject) {
  return probe_http(subject.published_address, subject.published_port);
}

} // namespace teal
