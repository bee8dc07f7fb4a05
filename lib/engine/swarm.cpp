#include "engine/swarm.hpp"

#include "engine/json_fields.hpp"
#include "engine/stream.hpp"

#include <fmt/format.h>

namespace teal::engine {

namespace {

namespace json = boost::json;

constexpr const char* k_engine = "the engine";
constexpr int k_tries = 5; ///< of an update that another one came before

Service read_service(const json::value& value) {
  return {.id = fields::text(value, {"ID"}),
          .name = fields::text(value, {"Spec", "Name"}),
          .labels = fields::text_map(value, {"Spec", "Labels"}),
          .image = fields::text(value, {"Spec", "TaskTemplate", "ContainerSpec", "Image"}),
          .replicas = fields::number(value, {"Spec", "Mode", "Replicated", "Replicas"}),
          .created = fields::text(value, {"CreatedAt"}),
          .update = fields::text(value, {"UpdateStatus", "State"}),
          .update_message = fields::text(value, {"UpdateStatus", "Message"})};
}

/// An engine that listens by IPv6, too, tells each port twice.
std::uint16_t published_port(const json::value& task) {
  for (const auto& port : fields::array(task, {"Status", "PortStatus", "Ports"})) {
    if (const auto number = fields::number(port, {"PublishedPort"}); number > 0 && number <= 65535) {
      return static_cast<std::uint16_t>(number);
    }
  }
  return 0;
}

Task read_task(const json::value& value) {
  return {.id = fields::text(value, {"ID"}),
          .service = fields::text(value, {"ServiceID"}),
          .slot = fields::number(value, {"Slot"}),
          .node = fields::text(value, {"NodeID"}),
          .state = fields::text(value, {"Status", "State"}),
          .wanted = fields::text(value, {"DesiredState"}),
          .error = fields::text(value, {"Status", "Err"}),
          .container = fields::text(value, {"Status", "ContainerStatus", "ContainerID"}),
          .exit_code = static_cast<int>(fields::number(value, {"Status", "ContainerStatus", "ExitCode"})),
          .published = published_port(value)};
}

bool is_nowhere(const std::string& address) {
  return address.empty() || address == "0.0.0.0" || address == "127.0.0.1";
}

/// Of itself a manager may know no better one than that it listens on.
std::string address_of(const json::value& node) {
  std::string address = fields::text(node, {"Status", "Addr"});
  if (is_nowhere(address)) {
    const std::string manager = fields::text(node, {"ManagerStatus", "Addr"}); // "10.0.0.1:2377"
    address = manager.substr(0, manager.rfind(':'));
  }
  return address;
}

Node read_node(const json::value& value) {
  return {.id = fields::text(value, {"ID"}),
          .name = fields::text(value, {"Description", "Hostname"}),
          .address = address_of(value),
          .is_ready = fields::text(value, {"Status", "State"}) == "ready"};
}

std::string filtered(const std::string& target, const char* name, const std::vector<std::string>& values) {
  const json::object filters{{name, json::array(values.begin(), values.end())}};
  return fmt::format("{}?filters={}", target, http::percent_encode(json::serialize(filters)));
}

std::string path_of(const std::string& service, std::string_view action = {}) {
  return fmt::format("/services/{}{}", http::percent_encode(service), action);
}

http::Headers with_login(const std::string& login) {
  return login.empty() ? http::Headers() : http::Headers{{"X-Registry-Auth", login}};
}

/// Nothing where there is none.
template <class Ask>
auto unless_missing(Ask&& ask) -> std::optional<decltype(ask())> {
  try {
    return ask();
  } catch (const ApiError& error) {
    if (error.status() == 404) {
      return std::nullopt;
    }
    throw;
  }
}

} // namespace

bool is_swarms_fault(const ApiError& error) {
  constexpr int k_server_fault = 500; // without a leader, and where it cannot decide in time; 503: no manager
  return error.status() >= k_server_fault;
}

http::Response Swarm::call(std::string_view method, const std::string& target, const std::string& body,
                           const http::Headers& headers) {
  try {
    return m_engine.call(method, target, body, {}, headers);
  } catch (const ApiError& error) {
    if (!is_swarms_fault(error)) {
      throw;
    }
    throw ApiError(error.status(),
                   fmt::format("the Swarm takes no orders by the engine at '{}': {}; what runs there goes "
                               "on; see: docker node ls",
                               m_engine.host(), error.message()));
  }
}

void Swarm::require_manager() {
  const json::value swarm = fields::parse(m_engine.call("GET", "/info").body, k_engine);
  const std::string state = fields::text(swarm, {"Swarm", "LocalNodeState"}, "inactive");
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::environment, fmt::format("the engine at '{}' {}", m_engine.host(), why));
  };
  if (state == "inactive") {
    refuse("is in no Swarm; make one: docker swarm init, or join one as a manager: docker swarm join");
  }
  if (state == "locked") {
    refuse("is locked out of its Swarm; open it: docker swarm unlock");
  }
  if (!fields::flag(swarm, {"Swarm", "ControlAvailable"})) {
    const std::string fault = fields::text(swarm, {"Swarm", "Error"});
    refuse(fmt::format("is no manager of its Swarm ({}{}{}); name one that is in engine.host, or: docker node promote",
                       state, fault.empty() ? "" : ": ", fault));
  }
  static_cast<void>(nodes()); // which takes most of the managers
}

std::string Swarm::own_node() {
  return fields::text(fields::parse(m_engine.call("GET", "/info").body, k_engine), {"Swarm", "NodeID"});
}

std::string Swarm::create(const ServiceSpec& spec, const std::string& login) {
  const auto made = call("POST", "/services/create", service_request(spec), with_login(login));
  return fields::text(fields::parse(made.body, k_engine), {"ID"});
}

std::optional<Service> Swarm::inspect(const std::string& id_or_name) {
  return unless_missing([&] { return read_service(fields::parse(call("GET", path_of(id_or_name)).body, k_engine)); });
}

std::vector<Service> Swarm::services(const Labels& labels) {
  std::vector<std::string> wanted;
  for (const auto& [name, value] : labels) {
    wanted.push_back(value.empty() ? name : fmt::format("{}={}", name, value));
  }
  std::vector<Service> found;
  for (const auto& value :
       fields::array(fields::parse(call("GET", filtered("/services", "label", wanted)).body, k_engine), {})) {
    found.push_back(read_service(value));
  }
  return found;
}

/// A service is replaced whole, of the version that was read. The login that it has stays, for none is given.
template <class Change>
void Swarm::update(const std::string& id, Change&& change) {
  for (int tried = 1;; ++tried) {
    const json::value read = fields::parse(call("GET", path_of(id)).body, k_engine);
    json::object spec = fields::object(read, {"Spec"});
    change(spec);
    try {
      call("POST", path_of(id, fmt::format("/update?version={}", fields::number(read, {"Version", "Index"}))),
           json::serialize(spec));
      return;
    } catch (const ApiError& error) {
      const json::value now = fields::parse(call("GET", path_of(id)).body, k_engine);
      const bool has_changed = fields::number(now, {"Version", "Index"}) != fields::number(read, {"Version", "Index"});
      if (!has_changed || tried == k_tries) {
        throw;
      }
    }
  }
}

void Swarm::set_labels(const std::string& id, const Labels& labels) {
  update(id, [&](json::object& spec) {
    json::object all = fields::object(spec, {"Labels"});
    for (const auto& [name, value] : labels) {
      all[name] = value;
    }
    spec["Labels"] = std::move(all);
  });
}

void Swarm::scale(const std::string& id, std::int64_t replicas) {
  update(id, [&](json::object& spec) {
    spec["Mode"] = json::object{{"Replicated", json::object{{"Replicas", replicas}}}};
  });
}

void Swarm::remove(const std::string& id) {
  static_cast<void>(unless_missing([&] { return call("DELETE", path_of(id)); }));
}

std::string Swarm::last_log(const std::string& id, int lines) {
  return demultiplex(call("GET", path_of(id, fmt::format("/logs?stdout=1&stderr=1&tail={}", lines))).body);
}

std::vector<Task> Swarm::tasks(const std::string& service) {
  std::vector<Task> found;
  for (const auto& value :
       fields::array(fields::parse(call("GET", filtered("/tasks", "service", {service})).body, k_engine), {})) {
    found.push_back(read_task(value));
  }
  return found;
}

std::optional<Task> Swarm::task(const std::string& id) {
  return unless_missing(
      [&] { return read_task(fields::parse(call("GET", "/tasks/" + http::percent_encode(id)).body, k_engine)); });
}

std::map<std::string, Node> Swarm::nodes() {
  std::map<std::string, Node> found;
  for (const auto& value : fields::array(fields::parse(call("GET", "/nodes").body, k_engine), {})) {
    Node node = read_node(value);
    found.emplace(node.id, std::move(node));
  }
  return found;
}

} // namespace teal::engine
