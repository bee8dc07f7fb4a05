#include "route/haproxy_config.hpp"

#include "core/text.hpp"
#include "route/certificates.hpp"
#include "route/entrance.hpp"
#include "route/generation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace teal::route {

namespace {

constexpr std::string_view k_server_prefix = "c-";
constexpr std::string_view k_checked_prefix = "p-"; ///< another server, for none comes to be checked as it runs
constexpr std::size_t k_id_digits = 12;             ///< of a container's id, as the engine itself shortens it

constexpr const char* k_head = R"(# Made by tealhook. What is changed here by hand is kept beside it, and replaced.
global
    description {description}
    stats socket {folder}/admin.sock mode 600 level admin expose-fd listeners
    tune.ssl.default-dh-param 2048
    # A program that answers a body unread resets the connection; what was sent by then in one piece costs no answer.
    tune.bufsize 65536

defaults
    mode http
    # A request may take its time, and an upgraded connection live for long: only what is silent ends.
    timeout connect 5s
    timeout http-request 30s
    timeout http-keep-alive 60s
    timeout client 1h
    timeout server 1h
    timeout tunnel 24h
    option forwardfor
    # With several servers, the next attempt goes to another one.
    option redispatch 1
    # A program may close a kept connection just as the next request is sent there, which then has no answer.
    option http-server-close
    # A visitor's kept connection is closed with an answer, not under a question.
    option idle-close-on-response
)";

constexpr const char* k_frontend_rules = R"(    http-request set-header X-Forwarded-Proto https if { ssl_fc }
    http-request set-header X-Forwarded-Proto http unless { ssl_fc }
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
)";

constexpr const char* k_nowhere = R"(    default_backend nowhere

backend nowhere
    http-request return status 404 content-type text/plain string "no app has this host name and path\n"
)";

/// By its name a way in leads to its backend, where it has one.
constexpr const char* k_by_name = R"(    use_backend %[so_name]
    default_backend unserved

backend unserved
    http-request return status 503 content-type text/plain lf-string "%[so_name,regsub(-[^-]*\$,)]: no container serves %[so_name,regsub(.*-,)] now\n"
)";

/// One for all of them: HAProxy takes many times as long for a frontend as for a way in.
std::string ports_frontend(const RoutingTable& table) {
  std::string text;
  for (const Route& route : table.routes) {
    if (route.port != 0) {
      text += fmt::format("    bind {} name {}\n", to_string(Entrance{route.bind, route.port}), route.name());
    }
  }
  return text.empty() ? "" : fmt::format("\nfrontend ports\n{}{}{}", text, k_frontend_rules, k_by_name);
}

/// Whole segments: "/api" is the beginning of "/api/x", not of "/apix".
std::string condition(const Route& route) {
  const std::string hosts = join(route.hosts, " ");
  std::string host = fmt::format("{{ req.hdr(host),field(1,:),lower -m str {} }}", hosts);
  if (route.path == "/") {
    return host;
  }
  const std::string_view path = route.path.back() == '/' ? std::string_view(route.path).substr(0, route.path.size() - 1)
                                                         : std::string_view(route.path);
  return fmt::format("{0} {{ path {1} }} || {0} {{ path_beg {1}/ }}", host, path);
}

std::string shared_frontend(const std::vector<Route>& routes, const ServerSettings::Router& settings,
                            const std::filesystem::path& folder) {
  std::string text =
      fmt::format("\nfrontend shared\n    bind {}\n", to_string(Entrance{settings.bind, settings.listen}));
  std::string certificates;
  for (const auto& file : Certificates(folder).files_of(routes)) {
    certificates += " crt " + file.string();
  }
  if (!certificates.empty()) {
    text += fmt::format("    bind {} ssl{} alpn h2,http/1.1\n", to_string(Entrance{settings.bind, settings.tls_listen}),
                        certificates);
  }
  text += k_frontend_rules;
  for (const Route& route : routes) {
    text += fmt::format("    use_backend {} if {}\n", route.name(), condition(route));
  }
  return text + k_nowhere;
}

std::string backend_head(const Route& route) {
  return fmt::format("\nbackend {}\n", route.name());
}

/// An error of its own, and no rule that counts servers: in a worker that ends its requests for another, none count.
std::string backend(const Route& route) {
  std::string text = fmt::format("{}    balance roundrobin\n    http-error status 503 content-type text/plain "
                                 "string \"{}: no container serves {} now\\n\"\n",
                                 backend_head(route), route.app, route.door);
  for (const Server& server : route.servers) {
    text += fmt::format("    server {} {}\n", haproxy_server_name(server), haproxy_server_options(server));
  }
  return text;
}

/// A backend takes HAProxy's time at each start, and an app none that has never been deployed.
std::string backends(const RoutingTable& table) {
  std::set<std::string_view> served;
  for (const Route& route : table.routes) {
    if (!route.servers.empty()) {
      served.insert(route.app);
    }
  }
  std::string text;
  for (const Route& route : table.routes) {
    if (served.contains(route.app) || !route.hosts.empty()) {
      text += backend(route);
    }
  }
  return text;
}

} // namespace

std::string haproxy_server_name(const Server& server) {
  return std::string(server.has_peers ? k_checked_prefix : k_server_prefix) + server.container.substr(0, k_id_digits);
}

bool is_haproxy_server_name(std::string_view name) {
  return name.starts_with(k_server_prefix) || name.starts_with(k_checked_prefix);
}

std::string container_begin(std::string_view name) {
  return std::string(name.substr(std::max(k_server_prefix.size(), k_checked_prefix.size())));
}

const Server* find_server(const Route& route, std::string_view name) {
  const auto found = std::find_if(route.servers.begin(), route.servers.end(),
                                  [&](const Server& server) { return haproxy_server_name(server) == name; });
  return found == route.servers.end() ? nullptr : &*found;
}

std::string haproxy_server_options(const Server& server) {
  return fmt::format("{}:{} weight {}{}", server.address, server.port, server.weight,
                     server.has_peers ? " check inter 1s fastinter 200ms fall 2 rise 1" : "");
}

std::optional<std::string> with_servers(std::string text, const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    const auto begin = text.find(backend_head(route));
    if (begin == std::string::npos) {
      if (!route.servers.empty()) {
        return std::nullopt;
      }
      continue;
    }
    const auto end = std::min(text.find("\n\n", begin + 1), text.size() - 1); // an empty line is before each section
    text.replace(begin, end + 1 - begin, backend(route));
  }
  return text;
}

std::string haproxy_config(const RoutingTable& table, const ServerSettings::Router& settings,
                           const std::filesystem::path& folder, std::uint64_t generation) {
  std::string text =
      fmt::format(k_head, fmt::arg("description", generation_mark(generation)), fmt::arg("folder", folder.string()));
  text += ports_frontend(table) + backends(table);
  const std::vector<Route> shared = shared_routes(table);
  return shared.empty() ? text : text + shared_frontend(shared, settings, folder);
}

} // namespace teal::route
