/// @file
/// Transport: the bytes of one accepted connection, plain or by TLS, without ever waiting. Private to this folder.
///
/// Invariant: between two calls it holds no buffer of its own, so that thousands of connections that say nothing cost
/// next to nothing. (asio::ssl::stream keeps 34 kB a connection.)
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace teal::http {

struct Progress {
  enum class Wait { none, read, write };
  std::size_t bytes = 0;
  Wait wait = Wait::none; ///< until the socket is ready for it, nothing can be done
  bool ended = false;     ///< by the other side, or by an error
};

class Transport {
public:
  using Socket = boost::asio::ip::tcp::socket;

  /// `tls` may be null: plain.
  Transport(Socket socket, SSL_CTX* tls);

  [[nodiscard]] Progress read(std::span<char> into);
  /// Of `first`, then of `second`.
  [[nodiscard]] Progress write(std::string_view first, std::string_view second);
  /// Whether a handshake, where there is one, is over.
  [[nodiscard]] bool is_established() const { return !m_tls || SSL_is_init_finished(m_tls.get()) == 1; }
  /// Reads what nobody wants any more.
  [[nodiscard]] Progress discard(std::span<char> into);
  /// Bytes that were received already, which no readiness of the socket tells of.
  [[nodiscard]] bool has_buffered() const { return m_tls && SSL_has_pending(m_tls.get()) == 1; }
  /// No more is sent; the other side's bytes still come.
  void end_sending();
  void close();
  [[nodiscard]] bool is_tls() const { return m_tls != nullptr; }
  [[nodiscard]] Socket& socket() { return m_socket; }

private:
  [[nodiscard]] Progress outcome(int result) const;

  Socket m_socket;
  std::unique_ptr<SSL, decltype(&SSL_free)> m_tls;
};

} // namespace teal::http
