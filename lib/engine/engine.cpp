#include "engine/engine.hpp"

#include "core/text.hpp"
#include "engine/json_fields.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace teal::engine {

namespace {

constexpr std::int64_t k_newest_api = 47; // 1.47 is what this folder is written after
constexpr std::int64_t k_oldest_api = 39; // 1.39 came with Docker 18.09, the first with BuildKit
constexpr std::chrono::seconds k_ping_patience(10);

/// 41 of "1.41".
std::optional<std::int64_t> minor_of(std::string_view api) {
  return api.starts_with("1.") ? parse_integer(api.substr(2)) : std::nullopt;
}

std::string header(const http::Response& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? std::string() : found->second;
}

/// "20.10.24" of the header "Docker/20.10.24 (linux)".
std::string engine_version(const std::string& server) {
  const auto slash = server.find('/');
  return slash == std::string::npos ? server : server.substr(slash + 1, server.find(' ', slash) - slash - 1);
}

std::string address_of(const std::string& host) {
  constexpr std::string_view scheme = "unix://";
  return host.starts_with(scheme) ? host.substr(scheme.size()) : host;
}

[[noreturn]] void explain_no_connection(const std::string& host, const http::NoConnection& fault, bool is_local) {
  if (!is_local) {
    throw Error(ErrorKind::environment,
                fmt::format("no container engine answers at '{}': {}", address_of(host), fault.reason()));
  }
  if (fault.error_number() == EACCES) {
    throw Error(ErrorKind::environment,
                fmt::format("no permission on the container engine's socket '{}'; add the user to "
                            "the group 'docker' and log in again",
                            address_of(host)));
  }
  throw Error(ErrorKind::environment,
              fmt::format("no container engine answers at '{}'; start it: systemctl start docker (or run dockerd)",
                          address_of(host)));
}

EngineUrl url_of(const EngineAccess& access) {
  const auto url = EngineUrl::parse(access.host);
  if (!url) {
    throw Error(ErrorKind::usage, fmt::format("cannot use '{}' as an engine's address", printable(access.host)));
  }
  return *url;
}

bool speaks_tls(const EngineAccess& access, const EngineUrl& url) {
  return url.scheme == EngineUrl::Scheme::https ||
         (url.scheme == EngineUrl::Scheme::tcp && !(access.ca.empty() && access.certificate.empty()));
}

http::Endpoint endpoint_of(const EngineAccess& access, const EngineUrl& url, const std::optional<SshTunnel>& tunnel) {
  constexpr std::uint16_t k_tls_port = 2376; // Docker's, as 2375 is the plain one
  if (tunnel) {
    return {http::Endpoint::Kind::unix_socket, tunnel->socket().string(), 0};
  }
  http::Endpoint endpoint = http::parse_endpoint(access.host);
  if (speaks_tls(access, url)) {
    endpoint.kind = http::Endpoint::Kind::tls;
    endpoint.files = {.ca = access.ca, .certificate = access.certificate, .key = access.key};
    if (url.scheme == EngineUrl::Scheme::tcp && url.port == 0) {
      endpoint.port = k_tls_port;
    }
  }
  return endpoint;
}

std::optional<SshTunnel> tunnel_of(const EngineAccess& access, const EngineUrl& url) {
  if (url.scheme != EngineUrl::Scheme::ssh) {
    return std::nullopt;
  }
  return SshTunnel({.url = url,
                    .key = access.key,
                    .known_hosts = access.known_hosts,
                    .folder = access.folder,
                    .environment = access.environment});
}

/// docker looks for certificates under names of its own in one folder.
std::filesystem::path link_certificates(const EngineAccess& access) {
  constexpr const char* k_trusted_by_host = "/etc/ssl/certs/ca-certificates.crt";
  const std::array<std::pair<const char*, std::string>, 3> links{
      {{"ca.pem", access.ca.empty() ? k_trusted_by_host : access.ca},
       {"cert.pem", access.certificate},
       {"key.pem", access.key}}};
  std::string facts;
  for (const auto& [name, file] : links) {
    facts += file + "\n";
  }
  std::filesystem::path folder = access.folder / fmt::format("tls-{:016x}", fingerprint(facts));
  files::create_directories(folder);
  for (const auto& [name, file] : links) {
    if (!file.empty() && files::read_symlink(folder / name).empty()) {
      try {
        files::create_symlink(file, folder / name);
      } catch (const Error&) { // another process of ours was faster
        if (files::read_symlink(folder / name) != file) {
          throw;
        }
      }
    }
  }
  return folder;
}

/// The engine's own words for a refusal: {"message": "…"}.
std::string refusal(const http::Response& response) {
  boost::json::error_code fault;
  const boost::json::value value = boost::json::parse(response.body, fault);
  const std::string message = fault ? std::string(trim(response.body)) : fields::text(value, {"message"});
  return message.empty() ? fmt::format("the engine answered with HTTP {}", response.status)
                         : std::string(trim(message));
}

} // namespace

void EngineClock::begin() {
  const std::lock_guard lock(m_mutex);
  if (m_waiting++ == 0) {
    m_since = SteadyClock::now();
  }
}

void EngineClock::end() {
  const std::lock_guard lock(m_mutex);
  if (--m_waiting == 0) {
    m_spent += SteadyClock::now() - m_since;
  }
}

Milliseconds EngineClock::spent() const {
  const std::lock_guard lock(m_mutex);
  return std::chrono::duration_cast<Milliseconds>(m_spent);
}

Engine::Engine(EngineAccess access, Milliseconds timeout)
    : m_access(std::move(access)), m_url(url_of(m_access)), m_tunnel(tunnel_of(m_access, m_url)), m_timeout(timeout),
      m_client(endpoint_of(m_access, m_url, m_tunnel)) {}

bool Engine::is_private() const {
  return is_local() || m_tunnel || speaks_tls(m_access, m_url);
}

Environment Engine::client_environment() const {
  if (m_tunnel) {
    m_tunnel->open();
    return {{"DOCKER_HOST", "unix://" + m_tunnel->socket().string()}};
  }
  if (!speaks_tls(m_access, m_url)) {
    return {{"DOCKER_HOST", m_access.host}};
  }
  const http::Endpoint endpoint = endpoint_of(m_access, m_url, m_tunnel);
  return {{"DOCKER_HOST", fmt::format("tcp://{}:{}", http::host_of(endpoint), endpoint.port)},
          {"DOCKER_TLS_VERIFY", "1"},
          {"DOCKER_CERT_PATH", link_certificates(m_access).string()}};
}

http::Response Engine::exchange(const http::Request& request, Milliseconds patience) {
  try {
    return send(request, patience);
  } catch (const http::NoConnection& fault) {
    explain_no_connection(m_access.host, fault, is_local());
  }
}

/// A tunnel that has ended, or was never there, is opened when nobody listens at its end.
http::Response Engine::send(const http::Request& request, Milliseconds patience) {
  try {
    return ask(request, patience);
  } catch (const http::NoConnection&) {
    if (!m_tunnel) {
      throw;
    }
  }
  m_tunnel->open();
  return ask(request, patience);
}

http::Response Engine::ask(const http::Request& request, Milliseconds patience) {
  try {
    http::Limits limits;
    limits.total = patience;
    if (request.on_body) {
      limits.interrupt = m_interrupt;
    }
    return m_client.request(request, limits);
  } catch (const http::NoConnection&) {
    throw;
  } catch (const Error& error) {
    if (is_local()) {
      throw;
    }
    throw Error(error.kind(), fmt::format("lost the engine at '{}': {}", m_access.host, error.message()));
  }
}

const Engine::Version& Engine::version() {
  if (!m_version.api.empty()) {
    return m_version;
  }
  const EngineTime time(m_clock);
  http::Request ping;
  ping.target = "/_ping";
  const http::Response answer = exchange(ping, std::min<Milliseconds>(k_ping_patience, m_timeout));
  const std::string theirs = header(answer, "api-version");
  const auto minor = minor_of(theirs);
  if (answer.status != 200 || !minor) {
    throw Error(ErrorKind::environment, fmt::format("what answers at '{}' is no container engine (HTTP {})",
                                                    address_of(m_access.host), answer.status));
  }
  if (*minor < k_oldest_api) {
    throw Error(ErrorKind::environment,
                fmt::format("the container engine at '{}' is too old: it speaks API {}, at least 1.{} is needed",
                            address_of(m_access.host), theirs, k_oldest_api));
  }
  m_version = {.engine = engine_version(header(answer, "server")),
               .api = fmt::format("1.{}", std::min(*minor, k_newest_api)),
               .is_podman = !header(answer, "libpod-api-version").empty()};
  return m_version;
}

void Engine::require_uninterrupted() const {
  if (m_interrupt.stop_requested()) {
    throw Error(ErrorKind::busy, "it was cancelled");
  }
}

std::string Engine::data_root() {
  return fields::text(fields::parse(call("GET", "/info").body, "the engine"), {"DockerRootDir"});
}

std::string Engine::platform() {
  const auto facts = fields::parse(call("GET", "/version").body, "the engine");
  return fmt::format("{}/{}", fields::text(facts, {"Os"}), fields::text(facts, {"Arch"}));
}

http::Response Engine::call(std::string_view method, const std::string& target, const std::string& body,
                            std::optional<Milliseconds> patience, const http::Headers& headers) {
  http::Request request{.method = std::string(method), .target = target, .headers = headers, .body = body};
  if (!body.empty()) {
    request.headers["Content-Type"] = "application/json";
  }
  return answer_to(std::move(request), patience.value_or(m_timeout));
}

void Engine::stream(std::string_view method, const std::string& target, const http::Headers& headers,
                    Milliseconds patience, std::function<void(std::string_view)> sink) {
  static_cast<void>(answer_to(
      {.method = std::string(method), .target = target, .headers = headers, .body = {}, .on_body = std::move(sink)},
      patience));
}

http::Response Engine::answer_to(http::Request request, Milliseconds patience) {
  request.target = fmt::format("/v{}{}", version().api, request.target);
  const EngineTime time(m_clock);
  http::Response response = exchange(request, patience);
  if (response.status >= 400) {
    throw ApiError(response.status, refusal(response));
  }
  return response;
}

} // namespace teal::engine
