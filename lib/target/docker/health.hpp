/// @file
/// HealthCheck: asks a started container until it is healthy, and has been for as long as the settings say, has gone,
/// or the deadline has passed.
///
/// Probes go to the container's own address where the engine is on this host, so that nothing between can answer for
/// it, and in the end once to its published port, which is what people will use. On another host they go there alone.
#pragma once

#include "config/settings.hpp"
#include "engine/containers.hpp"
#include "engine/engine.hpp"
#include "target/target.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

struct HealthSubject {
  std::string container; ///< id
  std::string network;   ///< whose address of the container is asked
  std::uint16_t container_port = 0;
  std::string published_address;    ///< numeric, or of another host its name
  std::uint16_t published_port = 0; ///< 0: it publishes none
  std::string port_note = {};       ///< why it is asked at that port, where nobody said it
};

class HealthCheck {
public:
  HealthCheck(engine::Engine& engine, const HealthSettings& settings);

  /// One probe. Throws Error(environment) if the container does not run.
  [[nodiscard]] Probe look(const HealthSubject& subject);
  /// Returns the healthy answer. Throws Error(environment) with the last answer and what the container shows of the
  /// cause: its exit code, an out-of-memory kill, the ports it does listen on.
  [[nodiscard]] std::string wait_until_healthy(const HealthSubject& subject);

private:
  [[nodiscard]] std::vector<std::string> command_for(const engine::Container& container) const;
  [[nodiscard]] Probe probe_by_command(const engine::Container& container, const std::vector<std::string>& command);
  [[nodiscard]] Milliseconds patience_to_connect() const;
  [[nodiscard]] Probe probe_at(const std::string& address, std::uint16_t port);
  [[nodiscard]] Probe probe_http(const std::string& address, std::uint16_t port);
  [[nodiscard]] Probe probe_published(const HealthSubject& subject);

  engine::Engine& m_engine;
  engine::Containers m_containers;
  const HealthSettings& m_settings;
};

/// Why a container that ran is not running, as "exited with 3", "was killed: out of memory".
[[nodiscard]] std::string describe_exit(const engine::Container& container);

} // namespace teal
