#include "http/transport.hpp"

#include "core/error.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <limits>

namespace teal::http {

namespace {

using boost::system::error_code;
using Wait = Progress::Wait;

Progress plain_outcome(std::size_t bytes, const error_code& error, Wait wait) {
  if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
    return {.wait = wait};
  }
  return {.bytes = bytes, .ended = error.failed()};
}

} // namespace

Transport::Transport(Socket socket, SSL_CTX* tls)
    : m_socket(std::move(socket)), m_tls(tls == nullptr ? nullptr : SSL_new(tls), &SSL_free) {
  m_socket.non_blocking(true);
  m_socket.set_option(boost::asio::ip::tcp::no_delay(true));
  if (tls == nullptr) {
    return;
  }
  if (!m_tls || SSL_set_fd(m_tls.get(), m_socket.native_handle()) != 1) {
    throw Error(ErrorKind::environment, "cannot begin a TLS session");
  }
  SSL_set_accept_state(m_tls.get()); // the handshake is part of the first read
}

Progress Transport::read(std::span<char> into) {
  if (!m_tls) {
    return discard(into);
  }
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_read_ex(m_tls.get(), into.data(), into.size(), &bytes);
  return result == 1 ? Progress{.bytes = bytes} : outcome(result);
}

Progress Transport::discard(std::span<char> into) {
  error_code error;
  const std::size_t bytes = m_socket.read_some(boost::asio::buffer(into.data(), into.size()), error);
  return plain_outcome(bytes, error, Wait::read);
}

Progress Transport::write(std::string_view first, std::string_view second) {
  if (!m_tls) {
    error_code error;
    const std::array<boost::asio::const_buffer, 2> buffers{boost::asio::buffer(first.data(), first.size()),
                                                           boost::asio::buffer(second.data(), second.size())};
    const std::size_t bytes = m_socket.write_some(buffers, error);
    return plain_outcome(bytes, error, Wait::write);
  }
  const std::string_view next = first.empty() ? second : first;
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_write_ex(m_tls.get(), next.data(), next.size(), &bytes);
  return result == 1 ? Progress{.bytes = bytes} : outcome(result);
}

Progress Transport::outcome(int result) const {
  switch (SSL_get_error(m_tls.get(), result)) {
  case SSL_ERROR_WANT_READ:
    return {.wait = Wait::read};
  case SSL_ERROR_WANT_WRITE:
    return {.wait = Wait::write};
  default:
    return {.ended = true};
  }
}

void Transport::end_sending() {
  if (m_tls && SSL_is_init_finished(m_tls.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(m_tls.get()); // says so; that it may not fit is as well
  }
  error_code ignored;
  m_socket.shutdown(Socket::shutdown_send, ignored);
}

void Transport::close() {
  error_code ignored;
  m_socket.close(ignored);
}

} // namespace teal::http
