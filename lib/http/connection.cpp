#include "http/connection.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "http/self_connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <future>
#include <thread>

namespace teal::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Kind = Endpoint::Kind;
using asio::ip::tcp;

/// getaddrinfo(3) cannot be interrupted. So that a dead name server cannot hold us beyond the deadline, it is asked by
/// a thread that is let go, which shares nothing with us but the promise.
std::future<std::vector<tcp::endpoint>> look_up(const Endpoint& endpoint) {
  std::promise<std::vector<tcp::endpoint>> promise;
  auto found = promise.get_future();
  std::thread([promise = std::move(promise), host = endpoint.host, port = endpoint.port]() mutable {
    try {
      asio::io_context io;
      std::vector<tcp::endpoint> addresses;
      for (const auto& entry : tcp::resolver(io).resolve(host, std::to_string(port))) {
        addresses.push_back(entry.endpoint());
      }
      promise.set_value(std::move(addresses));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  }).detach();
  return found;
}

bool is_numeric(const std::string& host) {
  error_code fault;
  asio::ip::make_address(host, fault);
  return !fault;
}

/// `use` throws what Asio does where the file is none.
template <class Use>
void use_file(const std::string& file, const Use& use) {
  try {
    if (!file.empty()) {
      use();
    }
  } catch (const boost::system::system_error& fault) {
    throw Error(ErrorKind::settings, fmt::format("cannot use '{}' for TLS: {}", file, words_of(fault.code())));
  }
}

asio::ssl::context verifying_settings(const TlsClientFiles& files) {
  asio::ssl::context settings(asio::ssl::context::tls_client);
  if (files.ca.empty()) {
    settings.set_default_verify_paths();
  }
  use_file(files.ca, [&] { settings.load_verify_file(files.ca); });
  use_file(files.certificate, [&] { settings.use_certificate_chain_file(files.certificate); });
  use_file(files.key, [&] { settings.use_private_key_file(files.key, asio::ssl::context::pem); });
  settings.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_min_proto_version(settings.native_handle(), TLS1_2_VERSION);
  return settings;
}

/// An alert of the other side's.
bool is_about_our_certificate(const error_code& error) {
  constexpr std::array k_alerts{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
                                SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
                                SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
                                SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
                                SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
                                SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
                                SSL_R_TLSV1_ALERT_UNKNOWN_CA};
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  return std::find(k_alerts.begin(), k_alerts.end(), reason) != k_alerts.end();
}

[[noreturn]] void fail_to_connect(const Endpoint& endpoint, const std::string& why, const error_code& error) {
  const bool is_of_system = error.category() == boost::system::system_category();
  throw NoConnection(ErrorKind::environment, fmt::format("cannot connect to {}: {}", address_of(endpoint), why), why,
                     is_of_system ? error.value() : 0);
}

[[noreturn]] void expire(const Endpoint& endpoint, Milliseconds patience) {
  const std::string why = fmt::format("no answer within {}", format_duration(patience));
  throw NoConnection(ErrorKind::timeout, fmt::format("cannot connect to {}: {}", address_of(endpoint), why), why, 0);
}

} // namespace

std::string host_of(const Endpoint& endpoint) {
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]", endpoint.host) : endpoint.host;
}

std::string address_of(const Endpoint& endpoint) {
  return endpoint.kind == Kind::unix_socket ? fmt::format("'{}'", endpoint.host)
                                            : fmt::format("'{}:{}'", host_of(endpoint), endpoint.port);
}

std::string words_of(const error_code& error) {
  if (error.category() == boost::system::system_category()) {
    return system_reason(error.value());
  }
  if (error.category() == asio::error::get_ssl_category() && is_about_our_certificate(error)) {
    return fmt::format("it wants a certificate of ours that it trusts: {}", error.message());
  }
  std::string words = error.message();
  if (!words.empty() && words.front() >= 'A' && words.front() <= 'Z') {
    words.front() = static_cast<char>(words.front() - 'A' + 'a');
  }
  return words;
}

void Connection::open(SteadyTime deadline, Milliseconds patience) {
  try {
    close();
    m_tls.reset();
    const auto addresses = resolve(deadline);
    if (!addresses) {
      expire(m_endpoint, patience);
    }
    Result result = run(deadline, [&](auto handler) { asio::async_connect(m_socket, *addresses, handler); });
    if (result.succeeded() && m_endpoint.kind != Kind::unix_socket) {
      if (is_connected_to_itself(m_socket.native_handle())) {
        throw boost::system::system_error(asio::error::connection_refused);
      }
      m_socket.set_option(tcp::no_delay(true));
    }
    if (result.succeeded() && m_endpoint.kind == Kind::tls) {
      result = shake_hands(deadline);
    }
    if (result.interrupted) {
      close();
      throw Error(ErrorKind::busy, "it was cancelled");
    }
    if (result.expired) {
      expire(m_endpoint, patience);
    }
    if (result.error) {
      const std::string why = m_tls ? handshake_failure(result.error) : words_of(result.error);
      close();
      fail_to_connect(m_endpoint, why, result.error);
    }
  } catch (const boost::system::system_error& fault) {
    close();
    fail_to_connect(m_endpoint, words_of(fault.code()), fault.code());
  }
}

void Connection::close() {
  error_code ignored;
  m_socket.close(ignored);
}

bool Connection::is_usable() {
  if (!m_socket.is_open()) {
    return false;
  }
  pollfd watched{m_socket.native_handle(), POLLIN, 0};
  return ::poll(&watched, 1, 0) == 0;
}

/// Nothing if the name server took too long.
std::optional<std::vector<Connection::Address>> Connection::resolve(SteadyTime deadline) const {
  if (m_endpoint.kind == Kind::unix_socket) {
    return {{asio::local::stream_protocol::endpoint(m_endpoint.host)}};
  }
  if (is_numeric(m_endpoint.host)) {
    return {{tcp::endpoint(asio::ip::make_address(m_endpoint.host), m_endpoint.port)}};
  }
  auto found = look_up(m_endpoint);
  if (found.wait_until(deadline) != std::future_status::ready) {
    return std::nullopt;
  }
  const auto addresses = found.get();
  return std::vector<Address>(addresses.begin(), addresses.end());
}

Result Connection::shake_hands(SteadyTime deadline) {
  if (!m_tls_settings) {
    m_tls_settings.emplace(verifying_settings(m_endpoint.files));
  }
  m_tls.emplace(m_socket, *m_tls_settings);
  m_tls->set_verify_callback(asio::ssl::host_name_verification(m_endpoint.host));
  if (!is_numeric(m_endpoint.host)) { // RFC 6066: no addresses in the server name
    SSL_set_tlsext_host_name(m_tls->native_handle(), m_endpoint.host.c_str());
  }
  return run(deadline, [&](auto handler) { m_tls->async_handshake(asio::ssl::stream_base::client, handler); });
}

std::string Connection::handshake_failure(const error_code& error) {
  const long verdict = SSL_get_verify_result(m_tls->native_handle());
  if (verdict != X509_V_OK) {
    return fmt::format("its certificate is refused: {}", X509_verify_cert_error_string(verdict));
  }
  return fmt::format("no TLS: {}", words_of(error));
}

} // namespace teal::http
