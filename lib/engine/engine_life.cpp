#include "engine/engine_life.hpp"

#include "core/text.hpp"
#include "engine/json_fields.hpp"
#include "host/port_owner.hpp"
#include "host/socket_peer.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"

namespace teal::engine {

namespace {

constexpr const char* k_program = "dockerd";
constexpr const char* k_pid_file = "/run/docker.pid"; ///< its default
constexpr std::string_view k_scheme = "unix://";

/// Who made the socket is the engine, unless its service manager, or somebody between, made it.
std::optional<pid_t> find_pid(const std::string& host) {
  if (!host.starts_with(k_scheme)) {
    return std::nullopt;
  }
  const auto is_engine = [](pid_t pid) { return pid > 0 && program_of(pid) == k_program; };
  if (const auto peer = find_listener(host.substr(k_scheme.size())); peer && is_engine(*peer)) {
    return peer;
  }
  try {
    const auto pid = static_cast<pid_t>(parse_integer(trim(read_file(k_pid_file))).value_or(0));
    return is_engine(pid) ? std::optional(pid) : std::nullopt;
  } catch (const Error&) { // not there
    return std::nullopt;
  }
}

/// It makes its default bridge anew once it has seen to all containers, and answers after that.
std::optional<TimePoint> find_ready(Engine& engine) {
  try {
    return parse_time(
        fields::text(fields::parse(engine.call("GET", "/networks/bridge").body, "the engine"), {"Created"}));
  } catch (const ApiError&) {
    return std::nullopt;
  }
}

} // namespace

std::optional<EngineLife> find_life(Engine& engine) {
  const auto pid = find_pid(engine.host());
  const auto process = pid ? identify(*pid) : std::nullopt;
  const auto ready = process ? find_ready(engine) : std::nullopt;
  return ready ? std::optional(EngineLife{began_at(*process), *ready}) : std::nullopt;
}

} // namespace teal::engine
