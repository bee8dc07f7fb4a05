/// @file
/// Connection: the stream under a Client, whatever it runs over, opened and used within deadlines. Private to this
/// folder, and the only header in it that knows Asio.
///
/// Invariant: no operation outlives the call that began it; one that fails or comes too late leaves it closed.
#pragma once

#include "http/client.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace teal::http {

using SteadyTime = std::chrono::steady_clock::time_point;

/// An operation's end: its error, or that its deadline or an interruption came first.
struct Result {
  boost::system::error_code error;
  bool expired = false;
  bool interrupted = false;

  [[nodiscard]] bool succeeded() const { return !error && !expired && !interrupted; }
};

class Connection {
public:
  using Socket = boost::asio::generic::stream_protocol::socket; // TCP and Unix sockets alike
  using TlsStream = boost::asio::ssl::stream<Socket&>;

  explicit Connection(const Endpoint& endpoint) : m_endpoint(endpoint) {}

  /// From now on an operation ends once that is asked for; the look-up of a name goes on to its deadline.
  void interrupt_by(std::stop_token interrupt) { m_interrupt = std::move(interrupt); }

  /// Resolve, connect and, for TLS, shake hands and verify. Throws Error(timeout) or Error(environment).
  void open(SteadyTime deadline, Milliseconds patience);
  void close();
  /// Open, and the other side has neither closed it nor sent what nobody asked for.
  [[nodiscard]] bool is_usable();

  /// Begins an operation with `begin(stream, handler)` and works until it ends.
  template <class Begin>
  Result await(SteadyTime deadline, const Begin& begin);

private:
  using Address = boost::asio::generic::stream_protocol::endpoint;

  template <class Start>
  Result run(SteadyTime deadline, const Start& start);
  std::optional<std::vector<Address>> resolve(SteadyTime deadline) const;
  Result shake_hands(SteadyTime deadline);
  [[nodiscard]] std::string handshake_failure(const boost::system::error_code& error);

  const Endpoint& m_endpoint;
  boost::asio::io_context m_io{1};
  Socket m_socket{m_io};
  std::optional<boost::asio::ssl::context> m_tls_settings;
  std::optional<TlsStream> m_tls;
  std::stop_token m_interrupt;
};

/// "'127.0.0.1:80'", "'[::1]:80'", "'/run/x.sock'", as messages name it.
[[nodiscard]] std::string address_of(const Endpoint& endpoint);
/// An error's words, as they follow the colon of a message.
[[nodiscard]] std::string words_of(const boost::system::error_code& error);

template <class Start>
Result Connection::run(SteadyTime deadline, const Start& start) {
  Result result;
  bool ended = false;
  start([&result, &ended](boost::system::error_code error, const auto&... /*more*/) {
    result.error = error;
    ended = true;
  });
  m_io.restart();
  const std::stop_callback interruption(m_interrupt, [this] { boost::asio::post(m_io, [] {}); }); // wakes the loop
  while (!ended && !m_interrupt.stop_requested() && m_io.run_one_until(deadline) != 0) {
  }
  if (!ended) {
    result.interrupted = m_interrupt.stop_requested();
    result.expired = !result.interrupted;
    close(); // which ends the operation
    m_io.restart();
    while (!ended && m_io.run_one() != 0) {
    }
  }
  return result;
}

template <class Begin>
Result Connection::await(SteadyTime deadline, const Begin& begin) {
  return run(deadline, [&](auto handler) {
    if (m_tls) {
      begin(*m_tls, std::move(handler));
    } else {
      begin(m_socket, std::move(handler));
    }
  });
}

} // namespace teal::http
