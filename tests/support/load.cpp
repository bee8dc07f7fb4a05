#include "support/load.hpp"

namespace teal {

namespace {

constexpr int k_people = 3;
constexpr int k_people_a_kind = 2;
constexpr std::chrono::milliseconds k_pause(5);

} // namespace

Load::Load(std::uint16_t port, const std::string& path) {
  for (int i = 0; i < k_people; ++i) {
    m_clients.push_back(make_client(ClientKind::fresh, port, path));
  }
  for (const auto& client : m_clients) {
    m_people.emplace_back([this, &client] { ask_on(*client); });
  }
}

Load::Load(std::uint16_t port, const std::vector<ClientKind>& kinds) {
  for (const ClientKind kind : kinds) {
    for (int i = 0; i < k_people_a_kind; ++i) {
      m_clients.push_back(make_client(kind, port));
    }
  }
  for (const auto& client : m_clients) {
    m_people.emplace_back([this, &client] { ask_on(*client); });
  }
}

Load::~Load() {
  stop();
}

void Load::stop() {
  m_over = true;
  for (std::thread& person : m_people) {
    if (person.joinable()) {
      person.join();
    }
  }
}

std::vector<std::string> Load::failures() const {
  const std::lock_guard lock(m_mutex);
  return m_failures;
}

void Load::ask_on(Client& client) {
  while (!m_over) {
    const Client::Asked asked = client.ask();
    m_requests += asked.requests;
    if (!asked.faults.empty()) {
      const std::lock_guard lock(m_mutex);
      m_failures.insert(m_failures.end(), asked.faults.begin(), asked.faults.end());
    }
    std::this_thread::sleep_for(k_pause);
  }
}

} // namespace teal
