#include "http/acceptor.hpp"

#include "core/error.hpp"
#include "http/connection.hpp"
#include "http/response_text.hpp"
#include "http/server_connection.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <fmt/format.h>

namespace teal::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int k_backlog = 4096; ///< the kernel cuts it to net.core.somaxconn
constexpr Milliseconds k_pause{100};

tcp::acceptor listen(asio::io_context& io, const ListenAddress& address) {
  const std::string name = address_of({Endpoint::Kind::tcp, address.host, address.port});
  error_code fault;
  const auto host = asio::ip::make_address(address.host, fault);
  if (fault) {
    throw Error(ErrorKind::environment, fmt::format("cannot listen on {}: that is no numeric address", name));
  }
  try {
    tcp::acceptor listener(io);
    listener.open(host.is_v6() ? tcp::v6() : tcp::v4());
    listener.set_option(tcp::acceptor::reuse_address(true));
    if (host.is_v6()) {
      listener.set_option(asio::ip::v6_only(true));
    }
    listener.bind({host, address.port});
    listener.listen(k_backlog);
    listener.non_blocking(true);
    return listener;
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorKind::environment, fmt::format("cannot listen on {}: {}", name, words_of(error.code())));
  }
}

bool is_lack_of_means(const error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
         error == asio::error::no_memory || error == boost::system::errc::too_many_files_open_in_system;
}

} // namespace

Acceptor::Acceptor(ServerCore& core, TlsIdentity* tls, const ListenAddress& address)
    : m_core(core), m_tls(tls), m_listener(listen(core.io, address)), m_pause(core.io) {}

ListenAddress Acceptor::address() const {
  const tcp::endpoint at = m_listener.local_endpoint();
  return {at.address().to_string(), at.port()};
}

void Acceptor::start() {
  accept_next();
}

void Acceptor::accept_next() {
  m_listener.async_accept([this](const error_code& error, Socket socket) {
    if (!error) {
      welcome(std::move(socket));
    } else if (is_lack_of_means(error) && !m_core.make_room()) {
      return wait_for_descriptors();
    }
    if (m_listener.is_open()) {
      accept_next(); // what failed else was that one connection
    }
  });
}

/// The kernel keeps the others for us; asked again at once, it would only say no again.
void Acceptor::wait_for_descriptors() {
  m_pause.expires_after(k_pause);
  m_pause.async_wait([this](const error_code& error) {
    if (!error) {
      accept_next();
    }
  });
}

void Acceptor::welcome(Socket socket) noexcept {
  try {
    error_code fault;
    const tcp::endpoint peer = socket.remote_endpoint(fault);
    if (fault) {
      return; // gone already
    }
    if (m_core.table.size() >= m_core.settings.limits.connections && !m_core.make_room()) {
      return turn_away(socket);
    }
    const TlsIdentity::Context context = m_tls == nullptr ? nullptr : m_tls->current(m_core.settings.report);
    std::make_shared<ServerConnection>(m_core, Transport(std::move(socket), context.get()), peer)->start();
  } catch (const std::exception& error) {
    m_core.settings.report(fmt::format("a connection was dropped: {}", error.what()));
  }
}

void Acceptor::turn_away(Socket& socket) {
  if (m_tls == nullptr) {
    const ServerResponse busy = error_response(503, "too many connections at the moment");
    const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    const std::string text = response_head(busy, {.length = busy.body.size(), .keeps_alive = false}, now) + busy.body;
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text), ignored);
  }
}

void Acceptor::stop() {
  error_code fault;
  while (!fault && m_listener.is_open()) {
    Socket socket(m_core.io);
    m_listener.accept(socket, fault);
    if (!fault) {
      welcome(std::move(socket));
    }
  }
  close();
}

void Acceptor::close() {
  m_pause.cancel();
  error_code ignored;
  m_listener.close(ignored);
}

} // namespace teal::http
