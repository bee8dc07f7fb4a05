/// @file
/// Load: people who ask a port for its page until the test has seen enough.
#pragma once

#include "support/client.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace teal {

class Load {
public:
  /// Three, each time by a connection of their own.
  explicit Load(std::uint16_t port, const std::string& path = "/");
  /// Two of each kind.
  Load(std::uint16_t port, const std::vector<ClientKind>& kinds);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  /// No further requests; those under way are waited for.
  void stop();
  [[nodiscard]] int requests() const { return m_requests; }
  /// What went wrong with each request that was not answered with 200.
  [[nodiscard]] std::vector<std::string> failures() const;

private:
  void ask_on(Client& client);

  std::atomic<bool> m_over = false;
  std::atomic<int> m_requests = 0;
  mutable std::mutex m_mutex;
  std::vector<std::string> m_failures;
  std::vector<std::unique_ptr<Client>> m_clients;
  std::vector<std::thread> m_people;
};

} // namespace teal
