/// @file
/// EngineProxy: a socket that passes everything on to the real engine, until a request comes at which a test wants
/// something to happen, such as the death of who sent it.
#pragma once

#include "core/descriptor.hpp"
#include "support/temp_folder.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace teal {

class EngineProxy {
public:
  enum class Moment {
    before, ///< the engine does not get the request
    after,  ///< the engine has begun to answer
  };

  EngineProxy();
  EngineProxy(const EngineProxy&) = delete;
  EngineProxy& operator=(const EngineProxy&) = delete;
  ~EngineProxy() = default;

  /// As in tealhook.yml: "unix:///…".
  [[nodiscard]] std::string host() const { return "unix://" + m_socket.string(); }
  /// At each of the next `times` requests whose first line ("POST /v1.41/containers/…") is one that `is_meant`,
  /// `action` is called and the connection dropped. Both are called by threads of the proxy.
  void interrupt(std::function<bool(std::string_view)> is_meant, Moment moment, std::function<void()> action,
                 int times = 1);
  /// How many of those are still to come.
  [[nodiscard]] int pending() const;

private:
  struct Interruption {
    std::function<bool(std::string_view)> is_meant;
    Moment moment = Moment::before;
    std::function<void()> action;
    int times = 0;
  };
  enum class Verdict { pass, interrupt_now, interrupt_at_answer };

  void accept_clients(const std::stop_token& stop);
  void relay(const std::stop_token& stop, const Descriptor& client);
  Verdict judge(std::string_view request);
  void call_action() const;

  TempFolder m_folder;
  std::filesystem::path m_socket = m_folder.path() / "engine.sock";
  Descriptor m_listener;
  mutable std::mutex m_mutex;
  Interruption m_interruption;
  std::vector<std::jthread> m_relays; // of the accepting thread alone, so it is ended first
  std::jthread m_acceptor;
};

} // namespace teal
