#include "target/docker/health.hpp"

#include "core/text.hpp"
#include "host/socket_table.hpp"
#include "http/tcp_probe.hpp"
#include "target/docker/docker_slots.hpp"
#include "target/http_probe.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr Milliseconds k_connect_limit{
    250}; ///< of a container on this host; a lost first packet is not waited a second for
constexpr Milliseconds k_longest_of_image{30'000}; ///< one HEALTHCHECK of an image, whatever that says
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

Probe HealthCheck::look(const HealthSubject& subject) {
  const auto container = m_containers.inspect(subject.container);
  if (!container || !container->running) {
    throw Error(ErrorKind::environment,
                fmt::format("the program {}", container ? describe_exit(m_containers.await_cause(*container))
                                                        : "is gone: its container was removed"));
  }
  if (const auto command = command_for(*container); !command.empty()) {
    return probe_by_command(*container, command);
  }
  const bool asks_inside = m_engine.is_local() && !address_of(*container, subject.network).empty();
  Probe probe = asks_inside ? probe_at(address_of(*container, subject.network), subject.container_port)
                            : probe_at(subject.published_address, subject.published_port);
  if (asks_inside && probe.healthy && m_settings.kind == HealthSettings::Kind::http && subject.published_port != 0) {
    probe.healthy = probe_published(subject).healthy;
    probe.answer += probe.healthy ? "" : fmt::format(" inside, but nothing through port {}", subject.published_port);
  }
  if (!probe.answered) {
    probe.answer += describe_listening(*container, subject.container_port);
    probe.answer += subject.port_note.empty() ? "" : "; " + subject.port_note;
  }
  return probe;
}

std::string HealthCheck::wait_until_healthy(const HealthSubject& subject) {
  return await_healthy({.interval = m_settings.interval, .deadline = m_settings.deadline, .settle = m_settings.settle},
                       m_engine.interrupt(), [&] { return look(subject); });
}

/// The image's HEALTHCHECK where nobody says what to ask. Empty: it is asked over the network.
std::vector<std::string> HealthCheck::command_for(const engine::Container& container) const {
  if (m_settings.kind == HealthSettings::Kind::command) {
    return m_settings.command;
  }
  return m_settings.is_told ? std::vector<std::string>() : container.health_command;
}

Probe HealthCheck::probe_by_command(const engine::Container& container, const std::vector<std::string>& command) {
  const bool is_ours = m_settings.kind == HealthSettings::Kind::command;
  const Milliseconds timeout = is_ours ? m_settings.timeout : std::min(container.health_timeout, k_longest_of_image);
  try {
    const auto result = m_containers.exec(container.id, command, timeout);
    return {result.exit_code == 0, true,
            fmt::format("{} -> {} {}", is_ours ? "command" : "HEALTHCHECK", result.exit_code,
                        shorten(printable(trim(result.output)), k_quoted_body))};
  } catch (const Error& error) {
    return {false, true, error.message()};
  }
}

Milliseconds HealthCheck::patience_to_connect() const {
  return m_engine.is_local() ? std::min(m_settings.timeout, k_connect_limit) : m_settings.timeout;
}

Probe HealthCheck::probe_at(const std::string& address, std::uint16_t port) {
  if (m_settings.kind == HealthSettings::Kind::http) {
    return probe_http(address, port);
  }
  const auto fault = http::why_no_connection(address, port, patience_to_connect());
  return {!fault, !fault, fault.value_or(fmt::format("port {} accepts connections", port))};
}

Probe HealthCheck::probe_http(const std::string& address, std::uint16_t port) {
  return teal::probe_http({.endpoint = {http::Endpoint::Kind::tcp, address, port},
                           .target = m_settings.path,
                           .host = m_settings.host.empty() ? "localhost" : m_settings.host,
                           .shown = fmt::format("GET {}", m_settings.path),
                           .connect = patience_to_connect(),
                           .timeout = m_settings.timeout},
                          m_settings.expect);
}

Probe HealthCheck::probe_published(const HealthSubject& subject) {
  return probe_http(subject.published_address, subject.published_port);
}

} // namespace teal
