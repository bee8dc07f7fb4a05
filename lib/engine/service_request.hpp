/// @file
/// ServiceSpec: a service of a Docker Swarm as it is asked for.
#pragma once

#include "core/clock.hpp"
#include "engine/containers.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace teal::engine {

/// How Swarm itself looks whether a task is healthy; a task counts as running only once it is.
struct TaskHealth {
  std::vector<std::string> command; ///< run in the container; empty: the image's own HEALTHCHECK, if any
  Milliseconds interval{1000};
  Milliseconds timeout{2000};
  Milliseconds patience{60'000}; ///< failures before that count for nothing
};

struct ServiceSpec {
  std::string name;
  std::string image; ///< by digest
  std::map<std::string, std::string> env;
  Labels labels;           ///< of the service
  Labels container_labels; ///< of its tasks' containers
  std::int64_t replicas = 1;
  std::uint16_t port = 0; ///< of the container; each task publishes it on its node, at whichever port is free there
  std::vector<std::string> constraints; ///< "node.role==worker"
  std::vector<std::string> networks;    ///< of the Swarm
  std::vector<std::string> volumes;     ///< "source:/path[:ro]", of the task's node
  std::uint64_t memory = 0;             ///< bytes; 0: no limit
  double cpus = 0;                      ///< 0: no limit
  std::vector<std::string> arguments;   ///< given to the entry point; empty: the image's own
  std::vector<std::string> command;     ///< in place of entry point and arguments; empty: those
  Milliseconds stop_timeout{10'000};
  TaskHealth health;
};

/// The body of POST /services/create. Whoever updates it later by hand gets the new task before the old one stops, and
/// what it was before if that fails.
[[nodiscard]] std::string service_request(const ServiceSpec& spec);

} // namespace teal::engine
