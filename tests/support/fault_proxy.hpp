/// @file
/// FaultProxy: stands before a server (the engine's socket, the registry's port), writes down every call, and lets one
/// of them go wrong in a way of the test's choice.
///
/// A call is a request line that comes in; what follows it on its connection, bodies and upgraded streams, is its own.
#pragma once

#include "core/descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

namespace teal {

struct Fault {
  enum class Mode {
    fail,      ///< answered with `status` and the message of an engine
    drop,      ///< closed, and the server does not get it
    hang,      ///< never answered, and the server does not get it
    garbage,   ///< answered with what is not HTTP
    nonsense,  ///< answered with 200 and what is not JSON
    cut,       ///< the server's answer ends in its middle
    lose,      ///< the server does it, and its answer is lost
    act_first, ///< `action` is called; then the call goes on, unless the caller has gone
    act_last,  ///< the server does it, and `action` is called before the caller hears of it
  };
  Mode mode = Mode::drop;
  int status = 500;
  std::function<void()> action = {}; ///< called by a thread of the proxy
};

class FaultProxy {
public:
  using Place = std::variant<std::filesystem::path, std::pair<std::string, std::uint16_t>>; ///< a socket, or TCP

  /// Listens at `listen`, and passes on to `server`, which need not be there yet.
  FaultProxy(Place listen, Place server);
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  ~FaultProxy() = default;

  /// From now on calls are counted anew, and `fault` befalls the `nth`, from 1, of those that `is_meant` takes (all,
  /// where it is empty).
  void arm(int nth, Fault fault, std::function<bool(std::string_view)> is_meant = {});
  /// As arm(), and all pass.
  void disarm();
  /// Request lines since then, as they came: "POST /v1.41/containers/create?name=shop-blue".
  [[nodiscard]] std::vector<std::string> calls() const;
  /// The call that it befell, if it did.
  [[nodiscard]] std::optional<std::string> victim() const;

private:
  class Relay;
  void accept_clients(const std::stop_token& stop);
  std::optional<Fault> judge(std::string_view line);

  Place m_server;
  Descriptor m_listener;
  mutable std::mutex m_mutex;
  std::atomic<int> m_arming = 0;
  int m_nth = 0;
  Fault m_fault;
  std::function<bool(std::string_view)> m_is_meant;
  std::vector<std::string> m_calls;
  int m_meant = 0;
  std::optional<std::string> m_victim;
  struct RelayThread {
    std::shared_ptr<std::atomic<bool>> is_over;
    std::jthread thread;
  };
  std::vector<RelayThread> m_relays; // of the accepting thread alone, so it is ended first
  std::jthread m_acceptor;
};

} // namespace teal
