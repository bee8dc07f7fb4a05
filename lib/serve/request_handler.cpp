#include "serve/request_handler.hpp"

#include "core/text.hpp"

#include <memory>

namespace teal::serve {

namespace {

constexpr std::string_view k_hook = "/hook";
constexpr std::string_view k_api = "/api"; ///< counts its answers by itself
constexpr std::string_view k_health = "/healthz";
constexpr std::string_view k_metrics = "/metrics";
constexpr std::string_view k_nowhere = "none";
/// Verified and read in less time than another thread takes to begin.
constexpr std::int64_t k_small_body = 64 << 10U;

bool is_small(const http::ServerRequest& request) {
  const auto length = request.headers.only("Content-Length");
  return length && parse_integer(*length).value_or(k_small_body + 1) <= k_small_body;
}

} // namespace

RequestHandler::RequestHandler(Parts parts, http::TrustedProxies proxies)
    : m_parts(std::move(parts)), m_proxies(std::make_shared<const http::TrustedProxies>(std::move(proxies))) {}

/// As requests are counted: a stranger's path makes no number of its own.
std::string_view RequestHandler::route_of(const http::ServerRequest& request) const {
  if (parse_hook_path(request.path)) {
    return k_hook;
  }
  if (m_parts.api != nullptr && api::Api::is_asked(request)) {
    return k_api;
  }
  const bool is_metrics = m_parts.metrics != nullptr && request.path == k_metrics;
  return request.path == k_health ? k_health : is_metrics ? k_metrics : k_nowhere;
}

void RequestHandler::count(std::string_view route, int status) const {
  if (m_parts.metrics != nullptr) {
    m_parts.metrics->count_request(route, status);
  }
}

void RequestHandler::trust(http::TrustedProxies proxies) {
  auto fresh = std::make_shared<const http::TrustedProxies>(std::move(proxies));
  const std::lock_guard guard(m_mutex);
  m_proxies.swap(fresh);
}

std::string RequestHandler::client_of(const http::ServerRequest& request) const {
  std::shared_ptr<const http::TrustedProxies> proxies;
  {
    const std::lock_guard guard(m_mutex);
    proxies = m_proxies;
  }
  return proxies->client_of(request);
}

std::variant<http::Admission, http::ServerResponse> RequestHandler::admit(const http::ServerRequest& head) {
  const std::string_view route = route_of(head);
  if (route == k_api) {
    return m_parts.api->admit(head, client_of(head));
  }
  std::optional<http::ServerResponse> refusal;
  if (route == k_hook) {
    refusal = m_parts.hooks.refuse(head, client_of(head));
  } else if (route == k_nowhere) {
    refusal = http::error_response(404, "there is nothing at this path");
  } else if (head.method != "GET" && head.method != "HEAD") {
    refusal = http::error_response(405, "this is only to be read");
    refusal->headers.add("Allow", "GET, HEAD");
  }
  if (refusal) {
    count(route, refusal->status);
    return std::move(*refusal);
  }
  if (route == k_hook) {
    return http::Admission{.body_limit = HookDoor::k_body_limit, .in_pool = m_parts.sink_waits || !is_small(head)};
  }
  return http::Admission{.body_limit = 0, .in_pool = route == k_metrics};
}

http::ServerResponse RequestHandler::reword(const http::ServerRequest& head, http::ServerResponse refusal) {
  return route_of(head) == k_api ? api::Api::reword(refusal) : refusal;
}

void RequestHandler::handle(http::ServerRequest request, http::Responder responder) {
  const std::string_view route = route_of(request);
  if (route == k_api) {
    const std::string client = client_of(request);
    return m_parts.api->handle(std::move(request), client, std::move(responder));
  }
  const auto shared = std::make_shared<http::Responder>(std::move(responder)); // a std::function is copied
  const auto reply = [this, shared, route](http::ServerResponse response) {
    count(route, response.status);
    shared->respond(std::move(response));
  };
  if (route == k_hook) {
    m_parts.hooks.take(request, client_of(request), reply);
  } else {
    reply(answer(request));
  }
}

http::ServerResponse RequestHandler::answer(const http::ServerRequest& request) {
  if (request.path == k_health) {
    return health();
  }
  return {.headers = {{"Content-Type", std::string(Metrics::k_content_type)}},
          .body = m_parts.metrics->text(m_parts.counts())};
}

/// Without words of this host: anybody may ask.
http::ServerResponse RequestHandler::health() const {
  return m_parts.sink.is_sound() ? http::json_response(200, "{\"status\":\"ok\"}\n")
                                 : http::json_response(503, "{\"status\":\"cannot store\"}\n");
}

} // namespace teal::serve
