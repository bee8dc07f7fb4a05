/// @file
/// EchoHandler: answers each request with what it was, and some paths in ways of their own:
///
///   /loop    in the server's thread             /throw   with an exception
///   /drop    by letting the responder go        /none    refused before its body is read
///   /hold    once release() is called           /stream  with a stream, which stream() hands out
#pragma once

#include "http/server.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

namespace teal {

class EchoHandler : public http::Handler {
public:
  std::variant<http::Admission, http::ServerResponse> admit(const http::ServerRequest& head) override {
    if (head.path == "/none") {
      return http::error_response(404, "there is no such thing");
    }
    return http::Admission{.body_limit = head.path == "/large" ? 30'000'000U : 1000U, .in_pool = head.path != "/loop"};
  }

  void handle(http::ServerRequest request, http::Responder responder) override {
    if (request.path == "/throw") {
      throw std::runtime_error("the secret is 1234");
    }
    if (request.path == "/drop") {
      return;
    }
    if (request.path == "/stream") {
      http::Stream stream = responder.stream({.headers = {{"Content-Type", "text/event-stream"}}});
      const std::lock_guard guard(m_mutex);
      m_stream.emplace(std::move(stream));
      m_changed.notify_all();
      return;
    }
    if (request.path == "/hold") {
      const std::lock_guard guard(m_mutex);
      m_held.push_back(std::move(responder));
      m_changed.notify_all();
      return;
    }
    responder.respond({.body = fmt::format("{} {} {} {}", request.method, request.path, request.query,
                                           request.body.size() > 1000 ? fmt::format("{} bytes", request.body.size())
                                                                      : request.body)});
  }

  /// Waits for a request to /stream.
  http::Stream stream() {
    std::unique_lock lock(m_mutex);
    if (!m_changed.wait_for(lock, std::chrono::seconds(10), [this] { return m_stream.has_value(); })) {
      throw std::runtime_error("nobody asked for a stream");
    }
    http::Stream stream = std::move(*m_stream);
    m_stream.reset();
    return stream;
  }
  /// Waits for `count` requests to /hold.
  void wait_for_held(std::size_t count) {
    std::unique_lock lock(m_mutex);
    if (!m_changed.wait_for(lock, std::chrono::seconds(10), [&] { return m_held.size() >= count; })) {
      throw std::runtime_error("too few requests to /hold");
    }
  }
  void release() {
    std::vector<http::Responder> held;
    {
      const std::lock_guard guard(m_mutex);
      held.swap(m_held);
    }
    for (auto& responder : held) {
      responder.respond({.body = "released"});
    }
  }

private:
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::optional<http::Stream> m_stream;
  std::vector<http::Responder> m_held;
};

inline http::ServerSettings loopback(const http::ServerLimits& limits = {}) {
  return {.listen = {{"127.0.0.1", 0}}, .limits = limits};
}

inline std::uint16_t port_of(const http::Server& server) {
  return server.addresses().front().port;
}

} // namespace teal
