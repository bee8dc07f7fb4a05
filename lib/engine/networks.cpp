#include "engine/networks.hpp"

#include "core/subnet_pool.hpp"
#include "core/text.hpp"
#include "engine/json_fields.hpp"
#include "host/ipv4_routes.hpp"
#include "model/app.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::engine {

namespace {

constexpr unsigned k_app_prefix = 26;         ///< 64 addresses: 30 are ours to give, 31 the engine's
constexpr unsigned k_internal_prefix = 22;    ///< 1024 addresses, as many as a bridge of Linux has ports (BR_MAX_PORTS)
constexpr unsigned k_internal_share = 6;      ///< of a small pool no more than the 64th (2 to the 6th) part
constexpr std::chrono::minutes k_patience{2}; ///< for others of this home that make networks: 0.3 s each
constexpr std::uint64_t k_never_given = 3;    ///< a network's own address, the gateway's and the last
constexpr int k_overlap = 403;                ///< the engine's status where another network has addresses of the subnet

std::string path_of(const std::string& network, std::string_view action = {}) {
  return fmt::format("/networks/{}{}", http::percent_encode(network), action);
}

struct Network {
  std::string name;
  Labels labels;
  std::vector<Subnet> subnets;
  std::string own_part; ///< of its first subnet: out of which the engine gives addresses by itself; may be empty
};

Network read_network(const boost::json::value& value) {
  Network network{.name = fields::text(value, {"Name"}),
                  .labels = fields::text_map(value, {"Labels"}),
                  .subnets = {},
                  .own_part = {}};
  for (const auto& config : fields::array(value, {"IPAM", "Config"})) {
    if (const auto subnet = Subnet::parse(fields::text(config, {"Subnet"}))) {
      if (network.subnets.empty()) {
        network.own_part = fields::text(config, {"IPRange"});
      }
      network.subnets.push_back(*subnet);
    }
  }
  return network;
}

/// The network `name`, or nothing if there is none.
std::optional<Network> find_network(Engine& engine, const std::string& name) {
  try {
    Network network = read_network(fields::parse(engine.call("GET", path_of(name)).body, "the engine"));
    // The engine also takes the beginning of an id for a name.
    return network.name == name ? std::optional(std::move(network)) : std::nullopt;
  } catch (const ApiError& error) {
    if (error.status() == 404) {
      return std::nullopt;
    }
    throw;
  }
}

std::vector<Network> list_networks(Engine& engine) {
  std::vector<Network> networks;
  for (const auto& value : fields::array(fields::parse(engine.call("GET", "/networks").body, "the engine"), {})) {
    networks.push_back(read_network(value));
  }
  return networks;
}

std::vector<Subnet> subnets_of(const std::vector<Network>& networks) {
  std::vector<Subnet> subnets;
  for (const Network& network : networks) {
    subnets.insert(subnets.end(), network.subnets.begin(), network.subnets.end());
  }
  return subnets;
}

void require_ours(const std::string& network, const Labels& actual, const Labels& wanted) {
  if (has_labels(actual, wanted)) {
    return;
  }
  const auto home = actual.find(label::k_home);
  const auto ours = wanted.find(label::k_home);
  if (home != actual.end() && ours != wanted.end() && home->second != ours->second) {
    throw Error(ErrorKind::environment,
                fmt::format("network '{}' is of the home '{}', which uses this engine too and has an app of that name "
                            "as well; make the app anew here under another name",
                            network, home->second));
  }
  throw Error(
      ErrorKind::environment,
      fmt::format("network '{}' is somebody else's: it has not the labels of ours; remove or rename it", network));
}

std::string network_request(const std::string& name, const Labels& labels, Networks::Reach reach,
                            const Subnet& subnet) {
  boost::json::object members;
  for (const auto& [label, value] : labels) {
    members[label] = value;
  }
  const bool internal = reach != Networks::Reach::outside;
  boost::json::object addresses{{"Subnet", subnet.text()}, {"Gateway", subnet.gateway()}};
  boost::json::object options;
  if (reach == Networks::Reach::internal) {
    options["com.docker.network.bridge.enable_icc"] = "false";
  } else {
    addresses["IPRange"] = subnet.upper_half();
  }
  return boost::json::serialize(
      boost::json::object{{"Name", name},
                          {"Driver", "bridge"},
                          {"Internal", internal},
                          {"CheckDuplicate", true},
                          {"Labels", members},
                          {"Options", options},
                          {"IPAM", boost::json::object{{"Config", boost::json::array{addresses}}}}});
}

/// Of which the engine gives the upper half only.
std::optional<Subnet> halved_subnet(const Network& network) {
  if (network.subnets.empty() || !network.subnets.front().can_be_halved() ||
      network.own_part != network.subnets.front().upper_half()) {
    return std::nullopt;
  }
  return network.subnets.front();
}

FileLock acquire(const std::filesystem::path& file) {
  files::create_directories(file.parent_path());
  if (auto lock = FileLock::acquire_any({file}, k_patience)) {
    return std::move(*lock);
  }
  throw Error(ErrorKind::busy, "other networks of this home are being made; try again");
}

} // namespace

std::string describe(const PoolUse& use) {
  return fmt::format("{} of {} subnets for apps are left in {}", use.left, use.size, use.range.text());
}

std::string describe_shortage(const PoolUse& use) {
  return fmt::format("of {}, networks of the engine have {} and other routes of this host {}; remove apps and networks "
                     "that nobody needs, or set engine.address_pool in tealhook.yml to a range that nobody uses",
                     use.range.text(), use.of_networks, use.of_routes);
}

std::optional<Subnet> Networks::ensure(const std::string& name, const Labels& labels, Reach reach) {
  if (const auto existing = find_network(m_engine, name)) {
    require_ours(name, existing->labels, labels);
    return halved_subnet(*existing);
  }
  create(name, labels, reach);
  return addresses(name);
}

/// What is free is looked up first, and the engine is believed where it says that it is not: another home was faster.
void Networks::create(const std::string& name, const Labels& labels, Reach reach) {
  const FileLock lock = acquire(m_pool.lock);
  const std::vector<Network> networks = list_networks(m_engine);
  const auto existing =
      std::find_if(networks.begin(), networks.end(), [&](const Network& network) { return network.name == name; });
  if (existing != networks.end()) {
    require_ours(name, existing->labels, labels);
    return;
  }
  Taken taken{subnets_of(networks), m_engine.is_local() ? ipv4_routes() : std::vector<Subnet>()};
  while (const auto subnet = choose(name, reach, taken)) {
    try {
      m_engine.call("POST", "/networks/create", network_request(name, labels, reach, *subnet));
      return;
    } catch (const ApiError& error) {
      if (error.status() != k_overlap) {
        throw;
      }
      taken.networks.push_back(*subnet);
    }
  }
  throw Error(ErrorKind::environment,
              fmt::format("no subnet is left for network '{}': {}", name, describe_shortage(use_of(taken))));
}

/// Where it starts to look depends on the name, so that homes which share an engine seldom want the same, and that a
/// subnet which was an app's is seldom another's soon: a route that is forgotten somewhere must not lead to it.
std::optional<Subnet> Networks::choose(const std::string& name, Reach reach, const Taken& taken) const {
  const unsigned widest = reach != Reach::internal
                              ? k_app_prefix
                              : std::clamp(m_pool.range.prefix() + k_internal_share, k_internal_prefix, k_app_prefix);
  for (unsigned prefix = widest; prefix <= k_app_prefix; ++prefix) {
    SubnetPool pool(m_pool.range, prefix);
    for (const auto* subnets : {&taken.networks, &taken.routes}) {
      for (const Subnet& subnet : *subnets) {
        pool.take(subnet);
      }
    }
    if (const auto subnet = pool.find_free(fingerprint(name))) {
      return subnet;
    }
  }
  return std::nullopt;
}

PoolUse Networks::use_of(const Taken& taken) const {
  SubnetPool pool(m_pool.range, k_app_prefix);
  PoolUse use{.range = m_pool.range, .size = pool.size()};
  for (const Subnet& subnet : taken.networks) {
    use.of_networks += pool.take(subnet);
  }
  for (const Subnet& subnet : taken.routes) {
    use.of_routes += pool.take(subnet);
  }
  use.left = pool.free();
  return use;
}

PoolUse Networks::pool_use() {
  return use_of({subnets_of(list_networks(m_engine)), m_engine.is_local() ? ipv4_routes() : std::vector<Subnet>()});
}

std::optional<Labels> Networks::labels(const std::string& name) {
  const auto network = find_network(m_engine, name);
  return network ? std::optional(network->labels) : std::nullopt;
}

std::optional<Subnet> Networks::addresses(const std::string& name) {
  const auto network = find_network(m_engine, name);
  return network ? halved_subnet(*network) : std::nullopt;
}

std::uint64_t Networks::capacity(const std::string& name) {
  const auto network = find_network(m_engine, name);
  if (!network || network->subnets.empty()) {
    return Subnet(0, k_app_prefix).upper_addresses();
  }
  const auto own_part = Subnet::parse(network->own_part);
  return own_part ? own_part->size() - 1 : network->subnets.front().size() - k_never_given;
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

std::vector<Networks::Named> Networks::list(const Labels& labels) {
  std::vector<Named> found;
  for (Network& network : list_networks(m_engine)) {
    if (has_labels(network.labels, labels)) {
      found.push_back({std::move(network.name), std::move(network.labels)});
    }
  }
  return found;
}

void Networks::connect(const std::string& network, const std::string& container, const std::string& alias,
                       const std::string& address) {
  engine::connect(m_engine, network, container, alias, address);
}

/// Engines differ in the status with which they refuse to detach what is not attached (20.10: 500).
void Networks::disconnect(const std::string& network, const std::string& container) {
  try {
    m_engine.call("POST", path_of(network, "/disconnect"),
                  boost::json::serialize(boost::json::object{{"Container", container}}));
  } catch (const ApiError&) {
    const auto found = Containers(m_engine).inspect(container);
    if (!found || found->addresses.contains(network)) {
      throw;
    }
  }
}

void connect(Engine& engine, const std::string& network, const std::string& container, const std::string& alias,
             const std::string& address) {
  boost::json::object endpoint;
  if (!alias.empty()) {
    endpoint["Aliases"] = boost::json::array{boost::json::value(alias)};
  }
  if (!address.empty()) {
    endpoint["IPAMConfig"] = boost::json::object{{"IPv4Address", address}};
  }
  engine.call("POST", path_of(network, "/connect"),
              boost::json::serialize(boost::json::object{{"Container", container}, {"EndpointConfig", endpoint}}));
}

} // namespace teal::engine
