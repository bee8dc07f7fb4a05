#include "route/predecessor.hpp"

#include "core/error.hpp"
#include "host/port_owner.hpp"
#include "route/entrance.hpp"
#include "route/router_factory.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

namespace teal::route {

namespace {

using Kind = ServerSettings::Router::Kind;

constexpr std::chrono::seconds k_patience_for_ports(10);
constexpr std::chrono::seconds k_patience_for_end(30);
constexpr Milliseconds k_pause{2};

struct Manner {
  Kind kind;
  const char* program;
  int end_signal;    ///< after which it accepts nothing, and ends what it is at
  bool shares_ports; ///< it listens with SO_REUSEPORT
};

constexpr std::array<Manner, 3> k_manners{{{Kind::haproxy, "haproxy", SIGUSR1, true},
                                           {Kind::nginx, "nginx", SIGQUIT, false},
                                           {Kind::caddy, "caddy", SIGTERM, true}}};

const Manner& manner_of(Kind kind) {
  return *std::find_if(k_manners.begin(), k_manners.end(), [&](const Manner& one) { return one.kind == kind; });
}

} // namespace

std::optional<Predecessor> Predecessor::find(const ServerSettings::Router& settings,
                                             const std::filesystem::path& folder, const Environment& environment) {
  for (const Manner& manner : k_manners) {
    if (manner.kind == settings.kind) {
      continue;
    }
    ServerSettings::Router before = settings;
    before.kind = manner.kind;
    before.config.clear(); // somebody else's is not ours to end
    if (RouterProcess(manner.program, folder, environment).find()) {
      return Predecessor(before, folder, environment, manner.program);
    }
  }
  return std::nullopt;
}

Predecessor::Predecessor(const ServerSettings::Router& settings, const std::filesystem::path& folder,
                         const Environment& environment, std::string program)
    : m_settings(settings), m_router(make_router(settings, folder, environment)),
      m_process(std::move(program), folder, environment), m_id(m_process.find().value_or(ProcessId())) {}

bool Predecessor::shares_ports_with(Kind kind) const {
  return manner_of(m_settings.kind).shares_ports && manner_of(kind).shares_ports;
}

void Predecessor::let_go() {
  m_ports = ports_of(table(), m_settings);
  m_process.signal(manner_of(m_settings.kind).end_signal);
}

void Predecessor::await_ports() const {
  const Stopwatch stopwatch;
  while (stopwatch.elapsed() < k_patience_for_ports &&
         std::any_of(m_ports.begin(), m_ports.end(),
                     [](std::uint16_t port) { return find_port_owner(port).has_value(); })) {
    std::this_thread::sleep_for(k_pause);
  }
}

bool Predecessor::await_end() {
  const Stopwatch stopwatch;
  while (is_alive(m_id) && stopwatch.elapsed() < k_patience_for_end) {
    std::this_thread::sleep_for(k_pause);
  }
  const bool by_itself = !is_alive(m_id);
  m_process.stop(SIGTERM, std::chrono::seconds(1));
  return by_itself;
}

void Predecessor::bring_back() {
  static_cast<void>(await_end());
  m_router->up();
}

} // namespace teal::route
