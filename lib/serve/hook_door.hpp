/// @file
/// HookDoor: POST /hook/APP/SOURCE: verified first, then understood, then stored by a sink, then answered.
///
/// Invariant: who has no secret of the source learns nothing: not which apps and sources there are, nor what is wrong
/// with a payload. What is answered with 202 is on disk.
#pragma once

#include "http/handler.hpp"
#include "http/peer.hpp"
#include "http/rate_limit.hpp"
#include "serve/hook_sink.hpp"
#include "serve/hook_source.hpp"
#include "serve/log.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace teal::serve {

/// "/hook/shop/hub" names them.
struct HookPath {
  std::string_view app;
  std::string_view source;
};
[[nodiscard]] std::optional<HookPath> parse_hook_path(std::string_view path);

class HookDoor {
public:
  static constexpr std::size_t k_body_limit = std::size_t{25} << 20U; ///< as GitHub caps its payloads

  using Reply = std::function<void(http::ServerResponse)>;

  HookDoor(HookSources& sources, HookSink& sink, const Log& log);

  /// Of a request to a hook's path, by its head: the response that spares the body, or nothing.
  [[nodiscard]] std::optional<http::ServerResponse> refuse(const http::ServerRequest& head, const std::string& client);
  /// Answers by `reply`, once, now or when it is stored.
  void take(const http::ServerRequest& request, const std::string& client, Reply reply);

private:
  [[nodiscard]] http::ServerResponse distrust(const http::ServerRequest& request, const std::string& client,
                                              const std::string& why);

  HookSources& m_sources;
  HookSink& m_sink;
  const Log& m_log;
  webhook::Secrets m_decoy; ///< of sources that are not there
  std::mutex m_mutex;       // of what follows
  http::RateLimit m_refusals;
};

} // namespace teal::serve
