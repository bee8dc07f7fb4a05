#include "engine/create_request.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cmath>

namespace teal::engine {

namespace {

namespace json = boost::json;

json::array environment(const ContainerSpec& spec) {
  json::array variables;
  for (const auto& [name, value] : spec.env) {
    variables.emplace_back(fmt::format("{}={}", name, value));
  }
  return variables;
}

json::object labels(const ContainerSpec& spec) {
  json::object members;
  for (const auto& [name, value] : spec.labels) {
    members[name] = value;
  }
  return members;
}

json::array strings(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

std::string port_key(const PortBinding& port) {
  return fmt::format("{}/tcp", port.container_port);
}

json::object exposed_ports(const ContainerSpec& spec) {
  json::object ports;
  for (const PortBinding& port : spec.ports) {
    ports[port_key(port)] = json::object();
  }
  return ports;
}

json::object port_bindings(const ContainerSpec& spec) {
  json::object bindings;
  for (const PortBinding& port : spec.ports) {
    json::value& hosts = bindings[port_key(port)];
    if (hosts.is_null()) {
      hosts = json::array();
    }
    hosts.as_array().push_back(
        json::object{{"HostIp", port.host_address}, {"HostPort", std::to_string(port.host_port)}});
  }
  return bindings;
}

json::object host_config(const ContainerSpec& spec) {
  json::object config{{"PortBindings", port_bindings(spec)},
                      {"Binds", strings(spec.volumes)},
                      {"RestartPolicy", json::object{{"Name", spec.restart}}},
                      {"LogConfig", json::object{{"Type", "json-file"},
                                                 {"Config", json::object{{"max-size", "10m"}, {"max-file", "3"}}}}}};
  if (!spec.network.empty()) {
    config["NetworkMode"] = spec.network;
  }
  if (spec.auto_remove) {
    config["AutoRemove"] = true;
  }
  if (spec.memory > 0) {
    config["Memory"] = spec.memory;
  }
  if (spec.cpus > 0) {
    config["NanoCpus"] = std::llround(spec.cpus * 1e9);
  }
  return config;
}

json::object networking(const ContainerSpec& spec) {
  json::object endpoint;
  if (!spec.alias.empty()) {
    endpoint["Aliases"] = json::array{spec.alias};
  }
  if (!spec.address.empty()) {
    endpoint["IPAMConfig"] = json::object{{"IPv4Address", spec.address}};
  }
  return {{"EndpointsConfig", json::object{{spec.network, endpoint}}}};
}

} // namespace

std::string create_request(const ContainerSpec& spec) {
  json::object request{{"Image", spec.image},
                       {"Env", environment(spec)},
                       {"Labels", labels(spec)},
                       {"ExposedPorts", exposed_ports(spec)},
                       {"StopTimeout", std::chrono::ceil<std::chrono::seconds>(spec.stop_timeout).count()},
                       {"HostConfig", host_config(spec)}};
  if (spec.terminal) {
    request["Tty"] = true;
  }
  if (spec.reads_input) {
    request["OpenStdin"] = request["StdinOnce"] = request["AttachStdin"] = true;
    request["AttachStdout"] = request["AttachStderr"] = true;
  }
  if (!spec.command.empty()) {
    request["Entrypoint"] = strings(spec.command);
    request["Cmd"] = json::array();
  } else if (!spec.arguments.empty()) {
    request["Cmd"] = strings(spec.arguments);
  }
  if (!spec.network.empty()) {
    request["NetworkingConfig"] = networking(spec);
  }
  return json::serialize(request);
}

} // namespace teal::engine
