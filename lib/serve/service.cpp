#include "serve/service.hpp"

#include "core/text.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

namespace teal::serve {

namespace {

constexpr std::size_t k_most_connections = 10'000;
constexpr rlim_t k_descriptors = 16'384; ///< more would make programs slow that close all of theirs one by one
constexpr std::size_t k_own_descriptors = 256;
constexpr std::size_t k_received = std::size_t{32} << 20U; ///< a whole payload, and some

} // namespace

sigset_t block_signals() {
  sigset_t signals{};
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    ::sigaddset(&signals, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

std::size_t prepare_process() {
  constexpr int k_large = 128 << 10;
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, k_large);
  ::mallopt(M_TRIM_THRESHOLD, k_large);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, k_descriptors));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t ours = std::min(k_own_descriptors, static_cast<std::size_t>(limit.rlim_cur / 2));
  return std::min(k_most_connections, static_cast<std::size_t>(limit.rlim_cur) - ours);
}

http::ServerLimits limits_for(std::size_t connections) {
  return {.connections = connections, .received = k_received};
}

http::ListenAddress address_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[')) {
    host = host.substr(1, host.size() - 2);
  }
  const auto port = parse_integer(std::string_view(text).substr(colon + 1));
  return {host, static_cast<std::uint16_t>(port.value_or(0))};
}

std::string url_of(const http::Server& server, bool is_tls) {
  const http::ListenAddress& at = server.addresses().front();
  const bool is_ipv6 = at.host.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", is_tls ? "https" : "http", is_ipv6 ? "[" + at.host + "]" : at.host, at.port);
}

} // namespace teal::serve
