#include "route/caddy_config.hpp"

#include "route/certificates.hpp"
#include "route/entrance.hpp"
#include "route/farewell.hpp"
#include "route/generation.hpp"
#include "route/signposts.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace teal::route {

namespace {

namespace json = boost::json;

struct Place {
  const std::filesystem::path& folder;
  std::uint64_t generation;
};

json::object answer(int status, const std::string& text) {
  return {{"handler", "static_response"},
          {"status_code", status},
          {"headers", json::object{{"Content-Type", json::array{"text/plain"}}}},
          {"body", text}};
}

/// Caddy first lists, and then looks whether what it has found is there: where the folder changed in between, it is to
/// try again.
json::object if_listed(const std::filesystem::path& folder, const std::string& name) {
  return {{"file", json::object{{"root", folder.string()}, {"try_files", json::array{name, name}}}}};
}

json::object name_of_listed(const char* variable) {
  return {{"handler", "map"},
          {"source", "{http.matchers.file.relative}"},
          {"destinations", json::array{variable}},
          {"mappings", json::array{json::object{{"input_regexp", "([^/@]+)$"}, {"outputs", json::array{"$1"}}}}}};
}

/// Connections are not kept for later: each is a request, and can be counted. Nothing is said of flushing: 2.6 panics
/// where it is to flush at once and its configuration changes.
json::object proxy(const char* to) {
  return {
      {"handler", "reverse_proxy"},
      {"upstreams", json::array{json::object{{"dial", to}}}},
      {"transport",
       json::object{{"protocol", "http"}, {"dial_timeout", "5s"}, {"keep_alive", json::object{{"enabled", false}}}}}};
}

/// Whoever cannot be reached gets nothing for a while, and the request goes to another one.
json::object proxy_to_servers(const Route& route) {
  json::array upstreams;
  for (const Server& server : route.servers) {
    if (server.weight > 0) {
      upstreams.push_back(json::object{{"dial", fmt::format("{}:{}", server.address, server.port)}});
    }
  }
  json::object handler = proxy("");
  handler["upstreams"] = std::move(upstreams);
  handler["load_balancing"] =
      json::object{{"selection_policy", json::object{{"policy", "round_robin"}}}, {"try_duration", "10s"}};
  handler["health_checks"] = json::object{{"passive", json::object{{"fail_duration", "10s"}, {"max_fails", 1}}}};
  return handler;
}

json::object say_farewell() {
  return {{"handler", "headers"},
          {"response", json::object{{"set", json::object{{"Connection", json::array{"close"}}}}}}};
}

/// To where the signpost of a route points, or to nobody.
json::array follow(const Route& route, const Place& place) {
  constexpr const char* k_target = "{tealhook_target}";
  const std::filesystem::path farewell = farewell_file(place.folder, place.generation);
  json::object leaving{{"match", json::array{if_listed(farewell.parent_path(), farewell.filename().string())}},
                       {"handle", json::array{say_farewell()}}};
  json::object served{{"match", json::array{if_listed(signposts_in(place.folder).list(route), "*")}},
                      {"handle", json::array{name_of_listed(k_target), proxy(k_target)}},
                      {"terminal", true}};
  json::object lost{
      {"handle", json::array{answer(503, fmt::format("{}: no container serves {} now\n", route.app, route.door))}}};
  json::array routes{std::move(leaving)};
  if (const std::string group = group_of(route); !group.empty()) {
    routes.push_back(
        json::object{{"match", json::array{if_listed(signposts_in(place.folder).list(route), group + "@*")}},
                     {"handle", json::array{proxy_to_servers(route)}},
                     {"terminal", true}});
  }
  routes.push_back(std::move(served));
  routes.push_back(std::move(lost));
  return json::array{json::object{{"handler", "subroute"}, {"routes", std::move(routes)}}};
}

/// Not by HTTP/3, whose connections end with each change.
json::object server(const std::string& listen, json::array routes) {
  return {{"listen", json::array{listen}},
          {"routes", std::move(routes)},
          {"protocols", json::array{"h1", "h2"}},
          {"automatic_https", json::object{{"disable", true}}}};
}

/// Whole segments: "/api" is the beginning of "/api/x", not of "/apix".
json::array paths_of(const Route& route) {
  const std::string path = route.path.back() == '/' ? route.path.substr(0, route.path.size() - 1) : route.path;
  return path.empty() ? json::array{"/*"} : json::array{path, path + "/*"};
}

json::array shared(const std::vector<Route>& routes, const Place& place) {
  json::array handlers;
  for (const Route& route : routes) {
    handlers.push_back(
        json::object{{"match", json::array{json::object{{"host", json::array(route.hosts.begin(), route.hosts.end())},
                                                        {"path", paths_of(route)}}}},
                     {"handle", follow(route, place)},
                     {"terminal", true}});
  }
  handlers.push_back(json::object{{"handle", json::array{answer(404, "no app has this host name and path\n")}}});
  return handlers;
}

/// Names that no authority of the internet certifies.
bool is_internal(std::string_view host) {
  constexpr std::array<std::string_view, 4> k_domains{".localhost", ".local", ".internal", ".home.arpa"};
  return host == "localhost" || std::any_of(k_domains.begin(), k_domains.end(),
                                            [&](std::string_view domain) { return host.ends_with(domain); });
}

/// For internal names Caddy is an authority of its own; only, it would have all programs of the host trust it.
void add_internal_authority(json::object& apps, json::array names) {
  apps["tls"].as_object()["automation"] = json::object{
      {"policies",
       json::array{json::object{{"subjects", std::move(names)}, {"issuers", json::array{{{"module", "internal"}}}}}}}};
  apps["pki"] =
      json::object{{"certificate_authorities", json::object{{"local", json::object{{"install_trust", false}}}}}};
}

void add_certificates(json::object& apps, const std::vector<Route>& routes, const std::filesystem::path& folder) {
  json::array files;
  for (const auto& file : Certificates(folder).files_of(routes)) {
    files.push_back(json::object{{"certificate", file.string()}, {"key", file.string()}});
  }
  std::vector<std::string> names;
  for (const Route& route : routes) {
    if (route.tls && route.tls->automatic) {
      names.insert(names.end(), route.hosts.begin(), route.hosts.end());
    }
  }
  std::vector<std::string> internal;
  std::copy_if(names.begin(), names.end(), std::back_inserter(internal), is_internal);
  json::object certificates{{"load_files", std::move(files)}};
  if (!names.empty()) {
    certificates["automate"] = json::array(names.begin(), names.end());
  }
  apps["tls"] = json::object{{"certificates", std::move(certificates)}};
  if (!internal.empty()) {
    add_internal_authority(apps, json::array(internal.begin(), internal.end()));
  }
}

} // namespace

std::string caddy_config(const RoutingTable& table, const ServerSettings::Router& settings,
                         const std::filesystem::path& folder, std::uint64_t generation) {
  const Place place{folder, generation};
  json::object servers;
  for (const Route& route : table.routes) {
    if (route.port != 0) {
      servers[route.name()] = server(to_string(Entrance{route.bind, route.port}),
                                     json::array{json::object{{"handle", follow(route, place)}}});
    }
  }
  json::object apps;
  const std::vector<Route> by_host = shared_routes(table);
  if (!by_host.empty()) {
    servers["shared"] = server(to_string(Entrance{settings.bind, settings.listen}), shared(by_host, place));
  }
  if (std::any_of(by_host.begin(), by_host.end(), [](const Route& route) { return route.tls.has_value(); })) {
    json::object secure = server(to_string(Entrance{settings.bind, settings.tls_listen}), shared(by_host, place));
    secure["tls_connection_policies"] = json::array{json::object()};
    servers["shared-tls"] = std::move(secure);
    add_certificates(apps, by_host, folder);
  }
  apps["http"] = json::object{{"@id", following_mark(generation)}, {"servers", std::move(servers)}};
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
