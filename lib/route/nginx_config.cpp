#include "route/nginx_config.hpp"

#include "core/text.hpp"
#include "route/certificates.hpp"
#include "route/entrance.hpp"
#include "route/generation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace teal::route {

namespace {

constexpr const char* k_notice = "# Made by tealhook. What is changed here by hand is kept beside it, and replaced.\n";

constexpr const char* k_proxy = R"(        proxy_pass http://{name};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $tealhook_connection;
        proxy_connect_timeout 5s;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
        proxy_buffering off;
        proxy_request_buffering off;
)";

bool has_servers(const Route& route) {
  return std::any_of(route.servers.begin(), route.servers.end(),
                     [](const Server& server) { return server.weight > 0; });
}

/// A server that fails is asked again: it is the only one, or its errors are to be seen.
std::string upstream(const Route& route) {
  std::string text = fmt::format("upstream {} {{\n", route.name());
  for (const Server& server : route.servers) {
    if (server.weight > 0) {
      text += fmt::format("    server {}:{} weight={} max_fails=0;\n", server.address, server.port, server.weight);
    }
  }
  return text + "}\n";
}

std::string answer_of(const Route& route) {
  if (has_servers(route)) {
    return fmt::format(k_proxy, fmt::arg("name", route.name()));
  }
  return fmt::format("        default_type text/plain;\n        return 503 \"{}: no container serves {} now\\n\";\n",
                     route.app, route.door);
}

std::string location(const Route& route, const std::string& match) {
  return fmt::format("    location {} {{\n{}    }}\n", match, answer_of(route));
}

std::string server_of_port(const Route& route, const std::string& log) {
  return fmt::format("server {{\n    listen {};\n    {}\n{}}}\n", to_string(Entrance{route.bind, route.port}), log,
                     location(route, "/"));
}

/// Whole segments: "/api" is the beginning of "/api/x", not of "/apix".
std::string locations_of_path(const Route& route) {
  if (route.path == "/") {
    return location(route, "/");
  }
  const std::string path = route.path.back() == '/' ? route.path.substr(0, route.path.size() - 1) : route.path;
  return location(route, "= " + path) + location(route, path + "/");
}

std::string server_of_host(const std::string& host, const std::vector<Route>& routes,
                           const ServerSettings::Router& settings, const Certificates& certificates,
                           const std::string& log) {
  std::string text = fmt::format("server {{\n    server_name {};\n    {}\n    listen {};\n", host, log,
                                 to_string(Entrance{settings.bind, settings.listen}));
  bool has_root = false;
  bool is_secure = false;
  for (const Route& route : routes) {
    if (std::find(route.hosts.begin(), route.hosts.end(), host) == route.hosts.end()) {
      continue;
    }
    if (const auto files = certificates.files_of({route}); !files.empty() && !is_secure) {
      text += fmt::format("    listen {0} ssl;\n    ssl_certificate {1};\n    ssl_certificate_key {1};\n",
                          to_string(Entrance{settings.bind, settings.tls_listen}), files.front().string());
      is_secure = true;
    }
    has_root = has_root || route.path == "/";
    text += locations_of_path(route);
  }
  return text + (has_root ? "" : "    location / { return 404 \"no app has this path\\n\"; }\n") + "}\n";
}

/// Who asks for a host that no app has gets no app's page; in an nginx of somebody else's that is not ours to say.
std::string servers_of_strangers(const ServerSettings::Router& settings, bool secure) {
  constexpr const char* k_refusal =
      "    default_type text/plain;\n    return 404 \"no app has this host name\\n\";\n}\n";
  std::string text = fmt::format("server {{\n    listen {} default_server;\n{}",
                                 to_string(Entrance{settings.bind, settings.listen}), k_refusal);
  if (secure) {
    text += fmt::format("server {{\n    listen {} ssl default_server;\n    ssl_reject_handshake on;\n{}",
                        to_string(Entrance{settings.bind, settings.tls_listen}), k_refusal);
  }
  return text;
}

std::string shared_servers(const std::vector<Route>& routes, const ServerSettings::Router& settings,
                           const Certificates& certificates, const std::string& log) {
  std::set<std::string> hosts;
  for (const Route& route : routes) {
    hosts.insert(route.hosts.begin(), route.hosts.end());
  }
  std::string text =
      settings.config.empty() ? servers_of_strangers(settings, !certificates.files_of(routes).empty()) : "";
  for (const std::string& host : hosts) {
    text += server_of_host(host, routes, settings, certificates, log);
  }
  return text;
}

} // namespace

bool is_weighed(const RoutingTable& table) {
  return std::any_of(table.routes.begin(), table.routes.end(), [](const Route& route) {
    return std::count_if(route.servers.begin(), route.servers.end(),
                         [](const Server& server) { return server.weight > 0; }) > 1;
  });
}

std::string nginx_part(const RoutingTable& table, const ServerSettings::Router& settings,
                       const std::filesystem::path& folder, std::uint64_t generation) {
  std::string text = fmt::format("{}map $http_upgrade $tealhook_connection {{ default upgrade; '' close; }}\n"
                                 "log_format tealhook '$upstream_addr $status';\n"
                                 "server {{\n    listen unix:{}/nginx.sock;\n    return 200 \"{}\\n\";\n}}\n",
                                 k_notice, folder.string(), generation_mark(generation));
  const std::string log =
      is_weighed(table) ? fmt::format("access_log {}/nginx-access.log tealhook;", folder.string()) : "access_log off;";
  for (const Route& route : table.routes) {
    text += has_servers(route) ? upstream(route) : "";
    text += route.port == 0 ? "" : server_of_port(route, log);
  }
  const std::vector<Route> shared = shared_routes(table);
  return shared.empty() ? text : text + shared_servers(shared, settings, Certificates(folder), log);
}

std::string nginx_config(const std::string& part, const std::filesystem::path& folder, bool as_root) {
  std::string text = fmt::format("{}{}daemon off;\nworker_processes auto;\npid {}/nginx.pid;\nerror_log stderr warn;\n"
                                 "events {{ worker_connections 4096; }}\n"
                                 "http {{\nserver_tokens off;\nclient_max_body_size 0;\n",
                                 k_notice, as_root ? "user root;\n" : "", folder.string());
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += fmt::format("{}_temp_path {}/nginx-temp/{};\n", kind, folder.string(), kind);
  }
  return text + part + "}\n";
}

} // namespace teal::route
