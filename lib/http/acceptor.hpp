/// @file
/// Acceptor: takes new connections at one address, as long as there is room and descriptors. Private to this folder.
#pragma once

#include "http/server_core.hpp"
#include "http/tls_identity.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace teal::http {

class Acceptor {
public:
  /// Listens. Throws Error(environment) where that fails. `tls` may be null: plain.
  Acceptor(ServerCore& core, TlsIdentity* tls, const ListenAddress& address);

  [[nodiscard]] ListenAddress address() const;
  /// Accepts from now on.
  void start();
  /// Takes what the kernel has accepted already, then no more.
  void stop();
  void close();

private:
  using Socket = boost::asio::ip::tcp::socket;

  void accept_next();
  void welcome(Socket socket) noexcept;
  void turn_away(Socket& socket);
  void wait_for_descriptors();

  ServerCore& m_core;
  TlsIdentity* m_tls;
  boost::asio::ip::tcp::acceptor m_listener;
  boost::asio::steady_timer m_pause;
};

} // namespace teal::http
