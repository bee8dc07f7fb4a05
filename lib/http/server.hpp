/// @file
/// Server: an HTTP/1.1 server for thousands of connections, plain or by TLS, in one thread and a small pool.
///
/// The caller's sequence: construct, which listens and answers; reload_certificate() where told to; stop(), which
/// finishes what is under way. Requests go to a Handler (handler.hpp): its admit() in the server's own thread before
/// the body is read, its handle() in the pool, or in that thread too where the Admission says so.
///
/// Invariant: what a connection costs is bounded in bytes and in time, whatever it sends or does not send; nothing it
/// does is an exception beyond its own end. Without connections nothing wakes up.
#pragma once

#include "core/clock.hpp"
#include "http/handler.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace teal::http {

struct ListenAddress {
  std::string host = "127.0.0.1"; ///< numeric, IPv4 or IPv6; "::" is of IPv6 alone
  std::uint16_t port = 0;         ///< 0: any that is free
};

struct TlsFiles {
  std::filesystem::path certificate; ///< PEM, the server's own first, then its chain
  std::filesystem::path key;         ///< PEM, without a passphrase
};

struct ServerLimits {
  std::size_t connections = 10'000; ///< beyond, whoever has said nothing for longest goes; if nobody is idle: 503
  std::size_t requests = 1'024;     ///< with a handler at a time; beyond: 503
  std::size_t streams = 256;        ///< open at a time; beyond: 503
  std::size_t head = std::size_t{16} << 10U;         ///< bytes of request line and headers
  std::size_t received = std::size_t{64} << 20U;     ///< bytes of unfinished requests; beyond, the largest goes
  Milliseconds head_time = std::chrono::seconds(10); ///< from a request's first byte to the end of its headers
  Milliseconds progress_time =
      std::chrono::seconds(10); ///< in which progress_bytes of a body must go over, or the rest
  std::size_t progress_bytes = std::size_t{64} << 10U;
  Milliseconds idle_time = std::chrono::seconds(60); ///< between requests, and before the first
};

struct ServerSettings {
  std::vector<ListenAddress> listen;
  std::optional<TlsFiles> tls;
  ServerLimits limits;
  std::size_t pool_threads = 4;
  /// Told what no client is told: a handler's exception, a certificate that cannot be used. From any of the threads.
  std::function<void(const std::string&)> report = [](const std::string&) {};
};

struct ServerCounts {
  std::size_t connections = 0;
  std::size_t requests = 0; ///< with a handler now
  std::size_t streams = 0;
  std::uint64_t answered = 0; ///< since the start, refused ones among them
};

class Server {
public:
  /// Listens, and answers from now on. `handler` outlives it. Throws Error(environment) where an address cannot be
  /// listened on, Error(settings) for a certificate that cannot be used.
  Server(ServerSettings settings, Handler& handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// stop() without patience.
  ~Server();

  /// As listened on, with the port that was free for 0.
  [[nodiscard]] const std::vector<ListenAddress>& addresses() const;
  [[nodiscard]] ServerCounts counts() const;
  /// Throws Error(settings) if the files cannot be used; then what there was is kept. Nothing without TLS.
  void reload_certificate();

  /// Accepts no more, ends streams, finishes requests that have begun, for `patience` at most; then closes all and
  /// waits for handlers in the pool. Whether all could be finished. Not from a handler.
  bool stop(Milliseconds patience);

private:
  struct Parts;
  std::unique_ptr<Parts> m_parts;
};

} // namespace teal::http
