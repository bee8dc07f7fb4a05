/// @file
/// ScriptedApi: a real socket whose HTTP requests a test answers and remembers, one client at a time. To an engine's
/// client it is an engine, to a registry's one a registry.
#pragma once

#include "core/text.hpp"
#include "engine/engine.hpp"
#include "unit/http/scripted_server.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace teal::engine {

struct ScriptedAnswer {
  int status = 200;
  std::string body;
  std::string headers; ///< whole lines, each with its end
};

class ScriptedApi {
public:
  /// `line` is a request's method and target without the API's version: "GET /images/json".
  using Answer = std::function<ScriptedAnswer(const std::string& line, const std::string& body)>;

  explicit ScriptedApi(Answer answer)
      : m_answer(std::move(answer)), m_server([this](int connection) { converse(connection); }) {}

  [[nodiscard]] std::string address() const { return fmt::format("127.0.0.1:{}", m_server.endpoint().port); }
  [[nodiscard]] std::string host() const { return "tcp://" + address(); }
  /// All that it was asked but for which engine it is, each with a space and its body, if it had one.
  [[nodiscard]] std::vector<std::string> asked() const {
    const std::lock_guard lock(m_mutex);
    return m_asked;
  }
  /// The headers of the last request, as they came.
  [[nodiscard]] std::string last_head() const {
    const std::lock_guard lock(m_mutex);
    return m_head;
  }

private:
  void converse(int connection) {
    std::string pending;
    while (const auto request = receive(connection, pending)) {
      ScriptedAnswer answer{.body = "OK"};
      if (request->line != "GET /_ping") {
        {
          const std::lock_guard lock(m_mutex);
          m_asked.push_back(request->line + (request->body.empty() ? "" : " " + request->body));
          m_head = request->head;
        }
        answer = m_answer(request->line, request->body);
      }
      const bool is_empty = answer.status == 204;
      send_text(connection,
                fmt::format("HTTP/1.1 {} Some\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\n{}{}\r\n{}",
                            answer.status, answer.headers,
                            is_empty ? "" : fmt::format("Content-Length: {}\r\n", answer.body.size()), answer.body));
    }
  }

  struct Received {
    std::string line;
    std::string head;
    std::string body;
  };

  /// Nothing once the client has gone. `pending` is what came beyond the request before.
  static std::optional<Received> receive(int connection, std::string& pending) {
    Received request;
    std::size_t size = 0;
    for (;;) {
      const auto end = pending.find("\r\n\r\n");
      if (end != std::string::npos && request.head.empty()) {
        request.head = pending.substr(0, end + 2);
        pending.erase(0, end + 4);
        size = content_length(request.head);
      }
      if (!request.head.empty() && pending.size() >= size) {
        request.body = pending.substr(0, size);
        pending.erase(0, size);
        request.line = line_of(request.head);
        return request;
      }
      std::array<char, 4096> piece{};
      const ssize_t count = ::recv(connection, piece.data(), piece.size(), 0);
      if (count <= 0) {
        return std::nullopt;
      }
      pending.append(piece.data(), static_cast<std::size_t>(count));
    }
  }

  static std::size_t content_length(const std::string& head) {
    for (const std::string& line : split(head, '\n')) {
      if (line.starts_with("Content-Length: ")) {
        return static_cast<std::size_t>(parse_integer(trim(line.substr(16))).value_or(0));
      }
    }
    return 0;
  }

  static std::string line_of(const std::string& head) {
    std::string line = head.substr(0, head.find(" HTTP/"));
    if (const auto version = line.find("/v1.41"); version != std::string::npos) {
      line.erase(version, 6);
    }
    return line;
  }

  Answer m_answer;
  mutable std::mutex m_mutex;
  std::vector<std::string> m_asked;
  std::string m_head;
  ScriptedServer m_server; // last: its thread uses the others
};

} // namespace teal::engine
