#include "route/caddy_config.hpp"

#include "route/generation.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace teal::route {

namespace {

namespace json = boost::json;

std::string listen_address(const std::string& address, std::uint16_t port) {
  return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port)
                                                : fmt::format("[{}]:{}", address, port);
}

json::object answer(int status, const std::string& text) {
  return {{"handler", "static_response"},
          {"status_code", status},
          {"headers", json::object{{"Content-Type", json::array{"text/plain"}}}},
          {"body", text}};
}

/// Connections are not kept for later: each is a request, and can be counted. Nothing is said of flushing: 2.6 panics
/// where it is to flush at once and its configuration changes.
json::object proxy(const Route& route) {
  json::array upstreams;
  for (const Server& server : route.servers) {
    if (server.weight > 0) {
      upstreams.push_back(json::object{{"dial", fmt::format("{}:{}", server.address, server.port)}});
    }
  }
  if (upstreams.empty()) {
    return answer(503, fmt::format("{}: no container serves {} now\n", route.app, route.door));
  }
  return {
      {"handler", "reverse_proxy"},
      {"upstreams", std::move(upstreams)},
      {"transport",
       json::object{{"protocol", "http"}, {"dial_timeout", "5s"}, {"keep_alive", json::object{{"enabled", false}}}}}};
}

json::object server(const std::string& listen, json::array routes) {
  return {{"listen", json::array{listen}},
          {"routes", std::move(routes)},
          {"automatic_https", json::object{{"disable", true}}}};
}

/// Whole segments: "/api" is the beginning of "/api/x", not of "/apix".
json::array paths_of(const Route& route) {
  const std::string path = route.path.back() == '/' ? route.path.substr(0, route.path.size() - 1) : route.path;
  return path.empty() ? json::array{"/*"} : json::array{path, path + "/*"};
}

json::array shared(const std::vector<Route>& routes, bool tls) {
  json::array handlers;
  for (const Route& route : routes) {
    if (!tls || route.tls) {
      handlers.push_back(
          json::object{{"match", json::array{json::object{{"host", json::array(route.hosts.begin(), route.hosts.end())},
                                                          {"path", paths_of(route)}}}},
                       {"handle", json::array{proxy(route)}},
                       {"terminal", true}});
    }
  }
  handlers.push_back(json::object{{"handle", json::array{answer(404, "no app has this host name and path\n")}}});
  return handlers;
}

json::object certificates(const std::vector<Route>& routes) {
  json::array files;
  json::array names;
  for (const Route& route : routes) {
    if (route.tls && route.tls->automatic) {
      names.insert(names.end(), route.hosts.begin(), route.hosts.end());
    } else if (route.tls) {
      files.push_back(json::object{{"certificate", route.tls->certificate}, {"key", route.tls->key}});
    }
  }
  json::object tls{{"certificates", json::object{{"load_files", std::move(files)}}}};
  if (!names.empty()) {
    tls["certificates"].as_object()["automate"] = std::move(names);
  }
  return tls;
}

} // namespace

std::string caddy_config(const RoutingTable& table, const ServerSettings::Router& settings,
                         const std::filesystem::path& folder, std::uint64_t generation) {
  json::object servers;
  for (const Route& route : table.routes) {
    if (route.port != 0) {
      servers[route.name()] = server(listen_address(route.bind, route.port),
                                     json::array{json::object{{"handle", json::array{proxy(route)}}}});
    }
  }
  json::object apps;
  const std::vector<Route> by_host = shared_routes(table);
  if (!by_host.empty()) {
    servers["shared"] = server(listen_address(settings.bind, settings.listen), shared(by_host, false));
  }
  const bool tls =
      std::any_of(by_host.begin(), by_host.end(), [](const Route& route) { return route.tls.has_value(); });
  if (tls) {
    json::object secure = server(listen_address(settings.bind, settings.tls_listen), shared(by_host, true));
    secure["tls_connection_policies"] = json::array{json::object()};
    servers["shared-tls"] = std::move(secure);
    apps["tls"] = certificates(by_host);
  }
  apps["http"] = json::object{{"@id", generation_mark(generation)}, {"servers", std::move(servers)}};
  return json::serialize(json::object{
             {"admin", json::object{{"listen", fmt::format("unix/{}/caddy.sock", folder.string())},
                                    {"origins", json::array{"localhost"}},
                                    {"config", json::object{{"persist", false}}}}},
             {"storage", json::object{{"module", "file_system"}, {"root", (folder / "caddy-data").string()}}},
             {"logging", json::object{{"logs", json::object{{"default", json::object{{"level", "WARN"}}}}}}},
             {"apps", std::move(apps)}}) +
         "\n";
}

} // namespace teal::route
