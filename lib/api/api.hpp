/// @file
/// Api: what other programs ask for over HTTP, below /api/v1.
///
/// The caller's sequence: admit() with each request's head, then handle() with the whole of it; neither waits, and the
/// answer comes from another thread.
///
/// Invariant: nothing is done for a request that brings no token which is worth something, and nothing that its token
/// may not; each error is a Problem. Cookies mean nothing here, and no other site's pages are let in.
#pragma once

#include "api/call.hpp"
#include "api/narrator.hpp"
#include "api/operations.hpp"
#include "api/workers.hpp"
#include "http/handler.hpp"
#include "http/rate_limit.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

namespace teal::api {

class Api {
public:
  struct Parts {
    Place place;
    std::function<void(const std::string&)> report; ///< told what no client is; from any thread
    std::function<void(int status)> count;          ///< told of each answer; from any thread
    Milliseconds deadline = std::chrono::seconds(60);
    Milliseconds heartbeat = Narrator::k_heartbeat;
  };

  explicit Api(Parts parts);

  /// Whether that request is ours.
  [[nodiscard]] static bool is_asked(const http::ServerRequest& head);
  /// In our words.
  [[nodiscard]] static http::ServerResponse reword(const http::ServerResponse& refusal);

  /// `client`: the numeric address of who asks.
  [[nodiscard]] std::variant<http::Admission, http::ServerResponse> admit(const http::ServerRequest& head,
                                                                          const std::string& client);
  void handle(http::ServerRequest request, const std::string& client, http::Responder responder);

private:
  struct Visit;

  [[nodiscard]] http::Admission require_admissible(const http::ServerRequest& head, const std::string& client);
  void require_patience(const std::string& client);
  void note_stranger(const std::string& client);
  void work(Visit& visit) noexcept;
  [[nodiscard]] Reply answer(const Visit& visit, Ticket& ticket);
  [[nodiscard]] Principal require_token(Store& store, const Visit& visit, Ticket& ticket);
  void send(Visit& visit, http::ServerResponse response);

  Parts m_parts;
  std::mutex m_mutex; // of what follows
  http::RateLimit m_strangers;
  Narrator m_narrator;
  Workers m_quick; // last: they use the others
  Workers m_slow;
};

} // namespace teal::api
