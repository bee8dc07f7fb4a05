#include "http/server_core.hpp"

#include "http/server_connection.hpp"

#include <fmt/format.h>

namespace teal::http {

namespace {

constexpr std::size_t k_scratch = std::size_t{64} << 10U;
constexpr Milliseconds k_farewell_time = std::chrono::seconds(2);

DeadlineTable::Times times_of(const ServerLimits& limits) {
  DeadlineTable::Times times;
  const auto set = [&](Phase phase, Milliseconds time) { times.at(static_cast<std::size_t>(phase)) = time; };
  set(Phase::idle, limits.idle_time);
  set(Phase::head, limits.head_time);
  set(Phase::body, limits.progress_time);
  set(Phase::writing, limits.progress_time);
  set(Phase::flushing, limits.progress_time);
  set(Phase::farewell, k_farewell_time);
  return times;
}

ServerConnection& connection_of(const std::shared_ptr<Tenant>& tenant) {
  return static_cast<ServerConnection&>(*tenant); // there are no others
}

} // namespace

ServerCore::ServerCore(ServerSettings with, Handler& answers)
    : settings(std::move(with)), handler(answers), table(io, times_of(settings.limits)), pool(settings.pool_threads),
      scratch(k_scratch) {}

void ServerCore::call(ServerRequest request, Responder responder) noexcept {
  const std::string what = fmt::format("{} {}", request.method, request.path);
  try {
    handler.handle(std::move(request), std::move(responder));
  } catch (const std::exception& error) {
    settings.report(fmt::format("{} failed: {}", what, error.what()));
  }
}

void ServerCore::note_received(std::size_t added) {
  received += added;
  if (received <= settings.limits.received) {
    return;
  }
  std::shared_ptr<Tenant> largest;
  for (const Phase phase : {Phase::head, Phase::body}) {
    for (const auto& tenant : table.all(phase)) {
      if (!largest || connection_of(tenant).received() > connection_of(largest).received()) {
        largest = tenant;
      }
    }
  }
  if (largest) {
    connection_of(largest).refuse(503, "too much is being received at the moment");
  }
}

bool ServerCore::make_room() {
  for (const Phase phase : {Phase::farewell, Phase::idle, Phase::head}) {
    if (const auto oldest = table.oldest(phase)) {
      connection_of(oldest).close();
      return true;
    }
  }
  return false;
}

void ServerCore::drain() {
  is_draining = true;
  for (const Phase phase : {Phase::idle, Phase::streaming, Phase::flushing}) {
    for (const auto& tenant : table.all(phase)) {
      connection_of(tenant).drain();
    }
  }
  on_leave();
}

void ServerCore::close_all() {
  for (std::size_t phase = 0; phase < k_phases; ++phase) {
    for (const auto& tenant : table.all(static_cast<Phase>(phase))) {
      connection_of(tenant).close();
    }
  }
}

} // namespace teal::http
