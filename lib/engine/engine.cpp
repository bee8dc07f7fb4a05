#include "engine/engine.hpp"

#include "core/text.hpp"
#include "engine/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
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

[[noreturn]] void explain_no_connection(const std::string& host, const Error& error) {
  if (error.message().find("ermission denied") != std::string::npos) {
    throw Error(ErrorKind::environment,
                fmt::format("no permission on the container engine's socket '{}'; add the user to "
                            "the group 'docker' and log in again",
                            address_of(host)));
  }
  throw Error(ErrorKind::environment,
              fmt::format("no container engine answers at '{}'; start it: systemctl start docker (or run dockerd)",
                          address_of(host)));
}

http::Response exchange(http::Client& client, const std::string& host, const http::Request& request,
                        Milliseconds patience) {
  try {
    http::Limits limits;
    limits.total = patience;
    return client.request(request, limits);
  } catch (const Error& error) {
    if (error.message().starts_with("cannot connect")) {
      explain_no_connection(host, error);
    }
    throw;
  }
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

Engine::Engine(std::string host, Milliseconds timeout)
    : m_host(std::move(host)), m_timeout(timeout), m_client(http::parse_endpoint(m_host)) {}

const Engine::Version& Engine::version() {
  if (!m_version.api.empty()) {
    return m_version;
  }
  const EngineTime time(m_clock);
  http::Request ping;
  ping.target = "/_ping";
  const http::Response answer = exchange(m_client, m_host, ping, std::min<Milliseconds>(k_ping_patience, m_timeout));
  const std::string theirs = header(answer, "api-version");
  const auto minor = minor_of(theirs);
  if (answer.status != 200 || !minor) {
    throw Error(ErrorKind::environment, fmt::format("what answers at '{}' is no container engine (HTTP {})",
                                                    address_of(m_host), answer.status));
  }
  if (*minor < k_oldest_api) {
    throw Error(ErrorKind::environment,
                fmt::format("the container engine at '{}' is too old: it speaks API {}, at least 1.{} is needed",
                            address_of(m_host), theirs, k_oldest_api));
  }
  m_version = {.engine = engine_version(header(answer, "server")),
               .api = fmt::format("1.{}", std::min(*minor, k_newest_api))};
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
  http::Request request;
  request.headers = headers;
  request.method = method;
  request.target = fmt::format("/v{}{}", version().api, target);
  request.body = body;
  if (!body.empty()) {
    request.headers["Content-Type"] = "application/json";
  }
  const EngineTime time(m_clock);
  http::Response response = exchange(m_client, m_host, request, patience.value_or(m_timeout));
  if (response.status >= 400) {
    throw ApiError(response.status, refusal(response));
  }
  return response;
}

} // namespace teal::engine
