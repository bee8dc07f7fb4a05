#include "route/table_json.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace teal::route {

namespace {

namespace json = boost::json;

constexpr std::string_view k_begin = "{\"routes\":[\n";
constexpr std::string_view k_app = "{\"app\":\""; ///< how each line begins
constexpr std::string_view k_end = "\n]}\n";

json::object to_value(const Server& server) {
  json::object value{
      {"container", server.container}, {"address", server.address}, {"port", server.port}, {"weight", server.weight}};
  if (server.has_peers) {
    value["has_peers"] = true;
  }
  return value;
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
          .weight = value.at("weight").to_number<unsigned>(),
          .has_peers = value.as_object().contains("has_peers")};
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

RoutingTable table_from(const json::value& value) {
  RoutingTable table;
  for (const json::value& route : value.at("routes").as_array()) {
    table.routes.push_back(route_from(route));
  }
  return table;
}

/// Calls `work` with each route's line. False, and none, where a table has other lines: an earlier tealhook had one.
template <class Work>
bool for_each_line(std::string_view text, Work&& work) {
  if (!text.starts_with(k_begin) || !text.ends_with(k_end)) {
    return false;
  }
  text.remove_prefix(k_begin.size());
  text.remove_suffix(k_end.size());
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    work(line.ends_with(',') ? line.substr(0, line.size() - 1) : line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

/// Of a line; no app's name needs to be escaped.
std::string_view app_of(std::string_view line) {
  const std::string_view rest = line.starts_with(k_app) ? line.substr(k_app.size()) : "";
  return rest.substr(0, rest.find('"'));
}

template <class Work>
auto parse(std::string_view source, Work&& work) {
  try {
    return work();
  } catch (const std::exception&) {
    throw Error(ErrorKind::environment, fmt::format("'{}' is no routing table of ours", source));
  }
}

std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}{}{}", k_begin, join(lines, ",\n"), k_end);
}

void append(std::vector<std::string>& lines, const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    lines.push_back(json::serialize(to_value(route)));
  }
}

} // namespace

std::string to_json(const RoutingTable& table) {
  std::vector<std::string> lines;
  append(lines, table.routes);
  return joined(lines);
}

RoutingTable parse_table(std::string_view text, std::string_view source) {
  return parse(source, [&] { return table_from(json::parse({text.data(), text.size()})); });
}

RoutingTable parse_table_of(std::string_view text, std::string_view source, const Changes& asked) {
  RoutingTable table;
  const bool has_lines = parse(source, [&] {
    return for_each_line(text, [&](std::string_view line) {
      if (asked.contains(app_of(line))) {
        table.routes.push_back(route_from(json::parse({line.data(), line.size()})));
      }
    });
  });
  const RoutingTable all = has_lines ? std::move(table) : parse_table(text, source);
  return with_changes({}, changes_back(all, asked));
}

std::string with_changes(std::string_view text, std::string_view source, const Changes& changes) {
  std::vector<std::string> lines;
  const bool has_lines = for_each_line(text, [&](std::string_view line) {
    if (!changes.contains(app_of(line))) {
      lines.emplace_back(line);
    }
  });
  if (!has_lines) {
    return to_json(with_changes(parse_table(text, source), changes));
  }
  for (const auto& [app, routes] : changes) {
    append(lines, routes);
  }
  return joined(lines);
}

} // namespace teal::route
