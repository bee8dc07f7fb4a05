#include "route/table_json.hpp"

#include "core/error.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace teal::route {

namespace {

namespace json = boost::json;

json::object to_value(const Server& server) {
  return {
      {"container", server.container}, {"address", server.address}, {"port", server.port}, {"weight", server.weight}};
}

json::value to_value(const std::optional<Tls>& tls) {
  if (!tls) {
    return nullptr;
  }
  return {{"certificate", tls->certificate}, {"key", tls->key}, {"digest", tls->digest}, {"automatic", tls->automatic}};
}

json::object to_value(const Route& route) {
  json::array servers;
  for (const Server& server : route.servers) {
    servers.push_back(to_value(server));
  }
  return {{"app", route.app},
          {"door", route.door},
          {"bind", route.bind},
          {"port", route.port},
          {"hosts", json::array(route.hosts.begin(), route.hosts.end())},
          {"path", route.path},
          {"tls", to_value(route.tls)},
          {"servers", std::move(servers)}};
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

Server server_from(const json::value& value) {
  return {.container = text(value.at("container")),
          .address = text(value.at("address")),
          .port = value.at("port").to_number<std::uint16_t>(),
          .weight = value.at("weight").to_number<unsigned>()};
}

std::optional<Tls> tls_from(const json::value& value) {
  if (value.is_null()) {
    return std::nullopt;
  }
  return Tls{.certificate = text(value.at("certificate")),
             .key = text(value.at("key")),
             .digest = text(value.at("digest")),
             .automatic = value.at("automatic").as_bool()};
}

Route route_from(const json::value& value) {
  Route route{.app = text(value.at("app")),
              .door = text(value.at("door")),
              .bind = text(value.at("bind")),
              .port = value.at("port").to_number<std::uint16_t>(),
              .hosts = {},
              .path = text(value.at("path")),
              .tls = tls_from(value.at("tls")),
              .servers = {}};
  for (const json::value& host : value.at("hosts").as_array()) {
    route.hosts.push_back(text(host));
  }
  for (const json::value& server : value.at("servers").as_array()) {
    route.servers.push_back(server_from(server));
  }
  return route;
}

} // namespace

std::string to_json(const RoutingTable& table) {
  json::array routes;
  for (const Route& route : table.routes) {
    routes.push_back(to_value(route));
  }
  return json::serialize(json::object{{"routes", std::move(routes)}}) + "\n";
}

RoutingTable parse_table(std::string_view text, std::string_view source) {
  try {
    RoutingTable table;
    const json::value parsed = json::parse({text.data(), text.size()});
    for (const json::value& route : parsed.at("routes").as_array()) {
      table.routes.push_back(route_from(route));
    }
    return table;
  } catch (const std::exception&) {
    throw Error(ErrorKind::environment, fmt::format("'{}' is no routing table of ours", source));
  }
}

} // namespace teal::route
