/// @file
/// Metrics: what the daemon counts, and what the store knows, as Prometheus reads it (text format 0.0.4).
#pragma once

#include "http/server.hpp"
#include "store/deliveries.hpp"
#include "store/statistics.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace teal::serve {

class Metrics {
public:
  static constexpr std::string_view k_content_type = "text/plain; version=0.0.4; charset=utf-8";

  explicit Metrics(std::filesystem::path store) : m_store(std::move(store)) {}

  /// `route` is one of ours, never what a stranger sent.
  void count_request(std::string_view route, int status);
  /// By what became of it.
  void count_delivery(DeliveryStatus status);
  /// "router", "registry" or "runner".
  void count_restart(std::string_view what);
  /// Reads the store. Throws Error(environment) if it cannot be read.
  [[nodiscard]] std::string text(const http::ServerCounts& server);

private:
  std::filesystem::path m_store;
  std::mutex m_mutex; // of what follows
  std::map<std::pair<std::string, int>, std::uint64_t> m_requests;
  std::map<DeliveryStatus, std::uint64_t> m_deliveries;
  std::map<std::string, std::uint64_t> m_restarts;
  std::mutex m_reading; // of what follows; not of what each request counts
  Statistics m_statistics;
};

} // namespace teal::serve
