/// @file
/// RequestHandler: what a server of ours is asked, by path: deliveries, its health and, where it has any, the API and
/// its metrics.
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
    const HookSink& sink;                            ///< theirs
    api::Api* api = nullptr;                         ///< none: there is no such path
    Metrics* metrics = nullptr;                      ///< none: nothing is counted, and there is no such path
    std::function<http::ServerCounts()> counts = {}; ///< for the metrics: of the server that it answers for
    bool sink_waits = false;                         ///< for the disk, before it answers
  };
  RequestHandler(Parts parts, http::TrustedProxies proxies);

  [[nodiscard]] std::variant<http::Admission, http::ServerResponse> admit(const http::ServerRequest& head) override;
  [[nodiscard]] http::ServerResponse reword(const http::ServerRequest& head, http::ServerResponse refusal) override;
  void handle(http::ServerRequest request, http::Responder responder) override;

  /// From now on these are believed. From any thread.
  void trust(http::TrustedProxies proxies);

private:
  [[nodiscard]] std::string_view route_of(const http::ServerRequest& request) const;
  void count(std::string_view route, int status) const;
  [[nodiscard]] std::string client_of(const http::ServerRequest& request) const;
  [[nodiscard]] http::ServerResponse answer(const http::ServerRequest& request);
  [[nodiscard]] http::ServerResponse health() const;

  Parts m_parts;
  mutable std::mutex m_mutex; // of what follows
  std::shared_ptr<const http::TrustedProxies> m_proxies;
};

} // namespace teal::serve
