#include "engine/service_request.hpp"

#include "core/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cmath>

namespace teal::engine {

namespace {

namespace json = boost::json;
using Nanoseconds = std::chrono::nanoseconds;

constexpr std::chrono::seconds k_pause_before_restart(2);
constexpr std::chrono::seconds k_monitor(5); ///< a task that fails so soon after an update fails that
constexpr int k_failures = 3;                ///< in a row make a task unhealthy

json::array list(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object members(const std::map<std::string, std::string>& texts) {
  json::object object;
  for (const auto& [name, value] : texts) {
    object[name] = value;
  }
  return object;
}

/// Swarm expands templates in variables (docs.docker.com, "Create services using templates"): what looks like one is
/// what it means.
std::string without_templates(const std::string& value) {
  std::string text;
  std::size_t from = 0;
  for (auto at = value.find("{{"); at != std::string::npos; at = value.find("{{", from)) {
    text += value.substr(from, at - from) + R"({{"{{"}})";
    from = at + 2;
  }
  return text + value.substr(from);
}

json::array variables(const ServiceSpec& spec) {
  json::array lines;
  for (const auto& [name, value] : spec.env) {
    lines.emplace_back(fmt::format("{}={}", name, without_templates(value)));
  }
  return lines;
}

/// A source that is no path is a volume's name.
json::array mounts(const ServiceSpec& spec) {
  json::array all;
  for (const std::string& volume : spec.volumes) {
    const std::vector<std::string> parts = split(volume, ':');
    all.push_back(json::object{{"Type", parts.front().starts_with('/') ? "bind" : "volume"},
                               {"Source", parts.front()},
                               {"Target", parts.size() > 1 ? parts[1] : std::string()},
                               {"ReadOnly", parts.size() > 2 && parts[2] == "ro"}});
  }
  return all;
}

json::object health(const TaskHealth& health) {
  json::array test{"CMD"};
  for (const std::string& argument : health.command) {
    test.emplace_back(argument);
  }
  return {{"Test", std::move(test)},
          {"Interval", Nanoseconds(health.interval).count()},
          {"Timeout", Nanoseconds(health.timeout).count()},
          {"StartPeriod", Nanoseconds(health.patience).count()},
          {"Retries", k_failures}};
}

json::object container(const ServiceSpec& spec) {
  json::object object{{"Image", spec.image},
                      {"Env", variables(spec)},
                      {"Labels", members(spec.container_labels)},
                      {"Mounts", mounts(spec)},
                      {"StopGracePeriod", Nanoseconds(spec.stop_timeout).count()}};
  if (!spec.command.empty()) {
    object["Command"] = list(spec.command);
  } else if (!spec.arguments.empty()) {
    object["Args"] = list(spec.arguments);
  }
  if (!spec.health.command.empty()) {
    object["Healthcheck"] = health(spec.health);
  }
  return object;
}

json::object limits(const ServiceSpec& spec) {
  json::object object;
  if (spec.memory > 0) {
    object["MemoryBytes"] = spec.memory;
  }
  if (spec.cpus > 0) {
    object["NanoCPUs"] = std::llround(spec.cpus * 1e9);
  }
  return object;
}

json::array networks(const ServiceSpec& spec) {
  json::array all;
  for (const std::string& network : spec.networks) {
    all.push_back(json::object{{"Target", network}});
  }
  return all;
}

json::object update(const char* on_failure) {
  return {{"Parallelism", 1},
          {"Order", "start-first"},
          {"FailureAction", on_failure},
          {"Monitor", Nanoseconds(k_monitor).count()}};
}

/// No address that the kernel's IPVS would have to divide among the tasks: each has its node's.
json::object endpoint(const ServiceSpec& spec) {
  return {
      {"Mode", "dnsrr"},
      {"Ports", json::array{json::object{{"Protocol", "tcp"}, {"TargetPort", spec.port}, {"PublishMode", "host"}}}}};
}

} // namespace

std::string service_request(const ServiceSpec& spec) {
  const json::object task{
      {"ContainerSpec", container(spec)},
      {"Resources", json::object{{"Limits", limits(spec)}}},
      {"RestartPolicy", json::object{{"Condition", "any"}, {"Delay", Nanoseconds(k_pause_before_restart).count()}}},
      {"Placement", json::object{{"Constraints", list(spec.constraints)}}},
      {"Networks", networks(spec)}};
  return json::serialize(json::object{{"Name", spec.name},
                                      {"Labels", members(spec.labels)},
                                      {"TaskTemplate", task},
                                      {"Mode", json::object{{"Replicated", json::object{{"Replicas", spec.replicas}}}}},
                                      {"UpdateConfig", update("rollback")},
                                      {"RollbackConfig", update("pause")},
                                      {"EndpointSpec", endpoint(spec)}});
}

} // namespace teal::engine
