#include "target/swarm/replica_check.hpp"

#include "core/text.hpp"
#include "http/tcp_probe.hpp"
#include "target/http_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

namespace teal {

namespace {

constexpr Milliseconds k_connect_limit{1000}; ///< a node is in the same network

std::string place_of(const engine::Task& task, const std::map<std::string, engine::Node>& nodes) {
  const auto node = nodes.find(task.node);
  return fmt::format("replica {}{}", task.slot, node == nodes.end() ? "" : " on " + node->second.name);
}

bool has_ended_by_itself(const engine::Task& task) {
  return task.state == "failed" || task.state == "complete";
}

} // namespace

Probe ReplicaCheck::ask(const Running& replica) const {
  const Milliseconds connect = std::min(m_settings.timeout, k_connect_limit);
  if (m_is_swarms || m_settings.kind == HealthSettings::Kind::tcp) {
    const auto fault = http::why_no_connection(replica.address, replica.port, connect);
    return {!fault, !fault, fault.value_or("accepts connections")};
  }
  return probe_http({.endpoint = {http::Endpoint::Kind::tcp, replica.address, replica.port},
                     .target = m_settings.path,
                     .host = m_settings.host.empty() ? "localhost" : m_settings.host,
                     .shown = fmt::format("GET {}", m_settings.path),
                     .connect = connect,
                     .timeout = m_settings.timeout},
                    m_settings.expect);
}

Probe ReplicaCheck::look(const std::vector<Running>& replicas) const {
  std::vector<std::future<Probe>> answers;
  answers.reserve(replicas.size());
  for (const Running& replica : replicas) {
    answers.push_back(std::async(std::launch::async, [this, &replica] { return ask(replica); }));
  }
  Probe all{.healthy = true, .answered = true, .answer = {}};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Probe probe = answers[i].get();
    if (all.healthy && !probe.healthy) {
      all = {false, probe.answered, fmt::format("{} at {}:{}", probe.answer, replicas[i].address, replicas[i].port)};
    } else if (all.healthy && i == 0) {
      all.answer =
          replicas.size() == 1 ? probe.answer : fmt::format("{} by {} replicas", probe.answer, replicas.size());
    }
  }
  return all;
}

std::optional<std::string> why_ended(const std::vector<engine::Task>& tasks,
                                     const std::map<std::string, engine::Node>& nodes) {
  const auto ended = std::find_if(tasks.begin(), tasks.end(), has_ended_by_itself);
  if (ended == tasks.end()) {
    return std::nullopt;
  }
  const std::string words = ended->error.empty() ? "" : fmt::format(" ({})", printable(ended->error));
  const bool is_unhealthy = ended->error.find("unhealthy") != std::string::npos;
  return fmt::format("{} {}{}", place_of(*ended, nodes),
                     is_unhealthy ? std::string("is not healthy, says its own check")
                                  : fmt::format("exited with {}", ended->exit_code),
                     words);
}

std::string why_not_running(const std::vector<engine::Task>& tasks, const std::map<std::string, engine::Node>& nodes) {
  for (const char* state : {"rejected", "pending", "preparing", "starting"}) {
    for (const engine::Task& task : tasks) {
      if (task.state == state && !task.error.empty()) {
        return fmt::format("{}: {}", place_of(task, nodes), printable(task.error));
      }
    }
  }
  return "";
}

} // namespace teal
