/// @file
/// RequestHandler: what the daemon's server is asked, by path: deliveries, the API, its health, its
/// metrics.
#pragma once

#include "api/api.hpp"
#include "http/handler.hpp"
#include "serve/hook_door.hpp"
#include "serve/metrics.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

namespace teal::serve {

class RequestHandler : public http::Handler {
public:
  struct Parts {
    HookDoor& hooks;
    api::Api& api;
    Journal& journal;
    Metrics& metrics;
    std::function<http::ServerCounts()> counts; ///< of the server that it answers for
  };
  RequestHandler(Parts parts, http::TrustedProxies proxies);

  [[nodiscard]] std::variant<http::Admission, http::ServerResponse> admit(const http::ServerRequest& head) override;
  [[nodiscard]] http::ServerResponse reword(const http::ServerRequest& head, http::ServerResponse refusal) override;
  void handle(http::ServerRequest request, http::Responder responder) override;

  /// From now on these are believed. From any thread.
  void trust(http::TrustedProxies proxies);

private:
  [[nodiscard]] std::string client_of(const http::ServerRequest& request) const;
  [[nodiscard]] http::ServerResponse answer(const http::ServerRequest& request);
  [[nodiscard]] http::ServerResponse health() const;

  Parts m_parts;
  mutable std::mutex m_mutex; // of what follows
  std::shared_ptr<const http::TrustedProxies> m_proxies;
};

} // namespace teal::serve
