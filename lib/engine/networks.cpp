#include "engine/networks.hpp"

#include "engine/json_fields.hpp"

#include <fmt/format.h>

namespace teal::engine {

namespace {

constexpr const char* k_divided = "tealhook.addresses"; ///< a network's label: its lower half is ours to give

std::string path_of(const std::string& network, std::string_view action = {}) {
  return fmt::format("/networks/{}{}", http::percent_encode(network), action);
}

struct Network {
  Labels labels;
  std::optional<Subnet> subnet;
};

/// The network `name`, or nothing if there is none.
std::optional<Network> find_network(Engine& engine, const std::string& name) {
  try {
    const boost::json::value value = fields::parse(engine.call("GET", path_of(name)).body, "the engine");
    if (fields::text(value, {"Name"}) != name) { // the engine also takes the beginning of an id for a name
      return std::nullopt;
    }
    Network network{.labels = fields::text_map(value, {"Labels"}), .subnet = {}};
    for (const auto& config : fields::array(value, {"IPAM", "Config"})) {
      if (auto subnet = Subnet::parse(fields::text(config, {"Subnet"})); subnet && !network.subnet) {
        network.subnet = subnet;
      }
    }
    return network;
  } catch (const ApiError& error) {
    if (error.status() == 404) {
      return std::nullopt;
    }
    throw;
  }
}

void require_ours(const std::string& network, const Labels& actual, const Labels& wanted) {
  if (!has_labels(actual, wanted)) {
    throw Error(
        ErrorKind::environment,
        fmt::format("network '{}' is somebody else's: it has not the labels of ours; remove or rename it", network));
  }
}

std::string network_request(const std::string& name, const Labels& labels, Networks::Reach reach,
                            const std::optional<Subnet>& subnet) {
  boost::json::object members;
  for (const auto& [label, value] : labels) {
    members[label] = value;
  }
  boost::json::object request{{"Name", name},
                              {"Driver", "bridge"},
                              {"Internal", reach == Networks::Reach::internal},
                              {"CheckDuplicate", true},
                              {"Labels", members}};
  if (subnet) {
    request["IPAM"] = boost::json::object{{"Config", boost::json::array{boost::json::object{
                                                         {"Subnet", subnet->text()},
                                                         {"Gateway", subnet->gateway()},
                                                         {"IPRange", subnet->upper_half()},
                                                     }}}};
  }
  return boost::json::serialize(request);
}

} // namespace

void Networks::ensure(const std::string& name, const Labels& labels, Reach reach) {
  if (const auto existing = find_network(m_engine, name)) {
    require_ours(name, existing->labels, labels);
    return;
  }
  try {
    create(name, labels, reach);
  } catch (const ApiError& error) {
    if (error.status() != 409) {
      throw;
    }
    // Somebody made it meanwhile.
    require_ours(name, find_network(m_engine, name).value_or(Network()).labels, labels);
  }
}

/// The engine knows best which subnet is free, but lets nobody choose addresses in one that it chose itself. So it is
/// asked first, and told then.
void Networks::create(const std::string& name, const Labels& labels, Reach reach) {
  m_engine.call("POST", "/networks/create", network_request(name, labels, reach, {}));
  const auto made = find_network(m_engine, name);
  if (reach == Reach::internal || !made || !made->subnet) {
    return;
  }
  remove(name);
  Labels ours = labels;
  ours[k_divided] = made->subnet->text();
  m_engine.call("POST", "/networks/create", network_request(name, ours, reach, made->subnet));
}

std::optional<Subnet> Networks::addresses(const std::string& name) {
  const auto network = find_network(m_engine, name);
  return network && network->labels.contains(k_divided) ? network->subnet : std::nullopt;
}

void Networks::remove(const std::string& name) {
  try {
    m_engine.call("DELETE", path_of(name));
  } catch (const ApiError& error) {
    if (error.status() != 404) {
      throw;
    }
  }
}

void Networks::remove_labelled(const std::string& name, const Labels& labels) {
  const auto existing = find_network(m_engine, name);
  if (existing && has_labels(existing->labels, labels)) {
    remove(name);
  }
}

void Networks::connect(const std::string& network, const std::string& container, const std::string& alias) {
  boost::json::object endpoint;
  if (!alias.empty()) {
    endpoint["Aliases"] = boost::json::array{boost::json::value(alias)};
  }
  m_engine.call("POST", path_of(network, "/connect"),
                boost::json::serialize(boost::json::object{{"Container", container}, {"EndpointConfig", endpoint}}));
}

void Networks::disconnect(const std::string& network, const std::string& container) {
  try {
    m_engine.call("POST", path_of(network, "/disconnect"),
                  boost::json::serialize(boost::json::object{{"Container", container}}));
  } catch (const ApiError& error) {
    // Engines differ in the status of this refusal (20.10: 500), not in its words.
    if (error.message().find("is not connected to") == std::string::npos) {
      throw;
    }
  }
}

} // namespace teal::engine
