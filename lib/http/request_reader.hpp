/// @file
/// RequestReader: makes a request of the bytes of a connection, however they are cut, and refuses what is none.
///
/// The caller's sequence: feed() until the head is there (State::admission); look at request(); admit() with the body's
/// limit; feed() until State::complete. Bytes that were not taken stay the caller's, and come again in front of more.
///
/// Invariant: what two readers could understand differently (two lengths, two hosts, an encoding that is not named) is
/// refused, so that nobody in front of us sees other requests than we do. Trailers are no headers.
#pragma once

#include "http/message.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace teal::http {

class RequestReader {
public:
  enum class State { head, admission, body, complete, refused };

  /// `head_limit`: bytes of the request line and headers; of a chunk's header and of the trailers, too.
  explicit RequestReader(std::size_t head_limit);
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;
  ~RequestReader();

  /// Returns how many of `bytes` were taken.
  std::size_t feed(std::string_view bytes);
  void admit(std::size_t body_limit);

  [[nodiscard]] State state() const { return m_state; }
  /// From State::admission on; the body only once it is complete.
  [[nodiscard]] ServerRequest& request() { return m_request; }
  [[nodiscard]] std::size_t body_size() const;
  /// From State::admission on: whether one is announced.
  [[nodiscard]] bool has_body() const;
  [[nodiscard]] bool keeps_alive() const { return m_keeps_alive; }
  [[nodiscard]] bool is_http_10() const { return m_is_http_10; }
  /// The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const { return m_expects_continue; }
  /// Of State::refused: a response without headers but those of error_response().
  [[nodiscard]] const ServerResponse& refusal() const { return m_refusal; }

private:
  struct Parser;

  void refuse(int status, std::string_view reason);
  void refuse_for(const std::string& fault, bool too_long);
  void finish_head();
  bool read_fields();
  bool check_body_headers();
  bool read_target();
  void finish_body();

  std::size_t m_head_limit;
  std::unique_ptr<Parser> m_parser;
  State m_state = State::head;
  ServerRequest m_request;
  ServerResponse m_refusal;
  bool m_keeps_alive = false;
  bool m_is_http_10 = false;
  bool m_expects_continue = false;
};

} // namespace teal::http
