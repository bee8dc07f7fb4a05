#include "route/farewell.hpp"

#include "core/clock.hpp"
#include "host/tcp_connections.hpp"
#include "process/atomic_file.hpp"

#include <fmt/format.h>

#include <system_error>
#include <thread>

namespace teal::route {

namespace {

constexpr Milliseconds k_patience{500}; ///< between two requests of somebody who is at work
constexpr Milliseconds k_pause{10};     ///< the kernel tells counts, not ends

} // namespace

Farewell::Farewell(std::filesystem::path file, const std::set<std::uint16_t>& ports) : m_file(std::move(file)) {
  if (count_visitors(ports) == 0) {
    return;
  }
  write_file(m_file, "", 0600);
  const Stopwatch stopwatch;
  while (stopwatch.elapsed() < k_patience && count_visitors(ports) > 0) {
    std::this_thread::sleep_for(k_pause);
  }
}

Farewell::~Farewell() {
  std::error_code missing;
  std::filesystem::remove(m_file, missing);
}

std::filesystem::path farewell_file(const std::filesystem::path& folder, std::uint64_t generation) {
  return folder / fmt::format("leaving-{}", generation);
}

} // namespace teal::route
