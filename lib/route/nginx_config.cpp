#include "route/nginx_config.hpp"

#include "route/certificates.hpp"
#include "route/entrance.hpp"
#include "route/farewell.hpp"
#include "route/generation.hpp"
#include "route/signposts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace teal::route {

namespace {

constexpr const char* k_notice = "# Made by tealhook. What is changed here by hand is kept beside it, and replaced.\n";

/// A body is handed over once it is here: a program that answers without having read it would else be a 502 whenever
/// its answer and the rest of the body cross. Up to a MiB stays in memory, where all of it is sent at once.
constexpr const char* k_proxy = R"(    proxy_http_version 1.1;
    proxy_set_header Host $tealhook_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $tealhook_connection;
    proxy_connect_timeout 5s;
    proxy_read_timeout 1h;
    proxy_send_timeout 1h;
    proxy_buffering off;
    client_body_buffer_size 1m;
)";

/// Looked at with each request. A target without a port is a group of servers, whose answers are counted. A worker that
/// ends its requests by an older configuration goes to the one server of a group that it does not know.
constexpr const char* k_signposts =
    R"re(map $realpath_root $tealhook_target {{ default ''; {0}"~/to/[^/]+/([^/]+@)?([^/]+)$" $2; }}
map $realpath_root $tealhook_other_target {{ default ''; {0}"~/to/[^/]+/([^/]+@)?([^/]+)$" $2; }}
map $tealhook_target $tealhook_counted {{ default 0; "~^[^:]+$" 1; }}
)re";

/// {leaving}: who is asked to go is answered by a location that keeps no connection.
/// {again}: while a body came in, the traffic may have moved and its target have gone. What never was connected to has
/// seen nothing of the request, which may go where the signpost points now.
constexpr const char* k_follow = R"(        root {link};
        default_type text/plain;
        if ($tealhook_target = '') {{ return 503 "{nobody}"; }}
        if (-e {leaving}) {{ return 418; }}
        error_page 418 = @{name}-leaving;
        error_page 502 = @{name}-again;
        proxy_pass http://$tealhook_target;
)";
constexpr const char* k_detours = R"(    location @{name}-leaving {{
        root {link};
        keepalive_timeout 0;
        error_page 502 = @{name}-again;
        proxy_pass http://$tealhook_target;
    }}
    location @{name}-again {{
        root {link};
        default_type text/plain;
        if ($upstream_connect_time ~ [0-9]) {{ return 502; }}
        if ($tealhook_other_target = '') {{ return 503 "{nobody}"; }}
        proxy_pass http://$tealhook_other_target;
    }}
)";

/// One that cannot be reached gets nothing for a while: the others do.
std::string upstream(const Route& route, const std::string& name) {
  std::string text = fmt::format("upstream {} {{\n", name);
  for (const Server& server : route.servers) {
    if (server.weight > 0) {
      text += fmt::format("    server {}:{} weight={} max_fails=1 fail_timeout=10s;\n", server.address, server.port,
                          server.weight);
    }
  }
  return text + "}\n";
}

std::string signposts(const std::vector<Route>& routes) {
  std::string groups;
  for (const Route& route : routes) {
    if (const std::string group = group_of(route); !group.empty()) {
      groups += fmt::format("\"~/{0}@\" {0}; ", group);
    }
  }
  return fmt::format(fmt::runtime(k_signposts), groups);
}

/// Makes the text below "http", by one of two ways to where a route leads: an nginx of our own follows the signposts.
/// The workers of somebody else's may not be let into our folders: there it is written down.
class Part {
public:
  Part(const RoutingTable& table, const ServerSettings::Router& settings, const std::filesystem::path& folder,
       std::uint64_t generation)
      : m_settings(settings), m_folder(folder), m_generation(generation), m_certificates(folder),
        m_log(log_of(is_counted(table))) {}

  [[nodiscard]] bool follows() const { return m_settings.config.empty(); }
  [[nodiscard]] std::string server_of_port(const Route& route) const {
    return fmt::format("server {{\n    listen {};\n    {}\n{}{}{}}}\n", to_string(Entrance{route.bind, route.port}),
                       m_log, k_proxy, location(route, "/"), filled_in(follows() ? k_detours : "", route));
  }
  [[nodiscard]] std::string shared_servers(const std::vector<Route>& routes) const;

private:
  [[nodiscard]] std::string log_of(bool counts) const {
    const std::string log = fmt::format("access_log {}/nginx-access.log tealhook", m_folder.string());
    return !counts ? "access_log off;" : log + (follows() ? " if=$tealhook_counted;" : ";");
  }
  [[nodiscard]] std::string filled_in(const char* format, const Route& route) const;
  [[nodiscard]] std::string location(const Route& route, const std::string& match) const;
  [[nodiscard]] std::string locations_of_path(const Route& route) const;
  [[nodiscard]] std::string server_of_host(const std::string& host, const std::vector<Route>& routes) const;
  [[nodiscard]] std::string servers_of_strangers(bool secure) const;

  const ServerSettings::Router& m_settings;
  const std::filesystem::path& m_folder;
  std::uint64_t m_generation;
  Certificates m_certificates;
  std::string m_log;
};

std::string Part::filled_in(const char* format, const Route& route) const {
  return fmt::format(fmt::runtime(format), fmt::arg("name", route.name()),
                     fmt::arg("link", signposts_in(m_folder).link(route).string()),
                     fmt::arg("leaving", farewell_file(m_folder, m_generation).string()),
                     fmt::arg("nobody", fmt::format("{}: no container serves {} now\\n", route.app, route.door)));
}

std::string Part::location(const Route& route, const std::string& match) const {
  constexpr const char* k_to = "        proxy_pass http://{name};\n";
  constexpr const char* k_to_nobody = "        default_type text/plain;\n        return 503 \"{nobody}\";\n";
  const char* answer = follows() ? k_follow : target_of(route).empty() ? k_to_nobody : k_to;
  return fmt::format("    location {} {{\n{}    }}\n", match, filled_in(answer, route));
}

/// Whole segments: "/api" is the beginning of "/api/x", not of "/apix".
std::string Part::locations_of_path(const Route& route) const {
  if (route.path == "/") {
    return location(route, "/");
  }
  const std::string path = route.path.back() == '/' ? route.path.substr(0, route.path.size() - 1) : route.path;
  return location(route, "= " + path) + location(route, path + "/");
}

std::string Part::server_of_host(const std::string& host, const std::vector<Route>& routes) const {
  std::string text = fmt::format("server {{\n    server_name {};\n    {}\n{}    listen {};\n", host, m_log, k_proxy,
                                 to_string(Entrance{m_settings.bind, m_settings.listen}));
  bool has_root = false;
  bool is_secure = false;
  for (const Route& route : routes) {
    if (std::find(route.hosts.begin(), route.hosts.end(), host) == route.hosts.end()) {
      continue;
    }
    if (const auto files = m_certificates.files_of({route}); !files.empty() && !is_secure) {
      text += fmt::format("    listen {0} ssl;\n    ssl_certificate {1};\n    ssl_certificate_key {1};\n",
                          to_string(Entrance{m_settings.bind, m_settings.tls_listen}), files.front().string());
      is_secure = true;
    }
    has_root = has_root || route.path == "/";
    text += locations_of_path(route) + filled_in(follows() ? k_detours : "", route);
  }
  return text + (has_root ? "" : "    location / { return 404 \"no app has this path\\n\"; }\n") + "}\n";
}

/// Who asks for a host that no app has gets no app's page; in an nginx of somebody else's that is not ours to say.
std::string Part::servers_of_strangers(bool secure) const {
  constexpr const char* k_refusal =
      "    default_type text/plain;\n    return 404 \"no app has this host name\\n\";\n}\n";
  std::string text = fmt::format("server {{\n    listen {} default_server;\n{}",
                                 to_string(Entrance{m_settings.bind, m_settings.listen}), k_refusal);
  if (secure) {
    text += fmt::format("server {{\n    listen {} ssl default_server;\n    ssl_reject_handshake on;\n{}",
                        to_string(Entrance{m_settings.bind, m_settings.tls_listen}), k_refusal);
  }
  return text;
}

std::string Part::shared_servers(const std::vector<Route>& routes) const {
  std::set<std::string> hosts;
  for (const Route& route : routes) {
    hosts.insert(route.hosts.begin(), route.hosts.end());
  }
  std::string text = follows() ? servers_of_strangers(!m_certificates.files_of(routes).empty()) : "";
  for (const std::string& host : hosts) {
    text += server_of_host(host, routes);
  }
  return text;
}

} // namespace

std::string nginx_part(const RoutingTable& table, const ServerSettings::Router& settings,
                       const std::filesystem::path& folder, std::uint64_t generation) {
  const Part part(table, settings, folder, generation);
  std::string text =
      fmt::format("{}map $http_upgrade $tealhook_connection {{ default upgrade; '' close; }}\n"
                  "map $http_host $tealhook_host {{ default $http_host; '' $server_addr; }}\n"
                  "log_format tealhook '$proxy_host|$upstream_addr|$upstream_status';\n"
                  "server {{\n    listen unix:{}/nginx.sock;\n    return 200 \"{}\\n\";\n}}\n",
                  k_notice, folder.string(), part.follows() ? following_mark(generation) : generation_mark(generation));
  text += part.follows() ? signposts(table.routes) : "";
  for (const Route& route : table.routes) {
    const std::string group = part.follows() ? group_of(route) : target_of(route).empty() ? "" : route.name();
    text += group.empty() ? "" : upstream(route, group);
    text += route.port == 0 ? "" : part.server_of_port(route);
  }
  const std::vector<Route> shared = shared_routes(table);
  return shared.empty() ? text : text + part.shared_servers(shared);
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
