#include "support/load.hpp"

#include "core/error.hpp"
#include "http/client.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr int k_people = 3;
constexpr std::chrono::milliseconds k_pause(5);

} // namespace

Load::Load(std::uint16_t port, std::string path) : m_port(port), m_path(std::move(path)) {
  for (int i = 0; i < k_people; ++i) {
    m_people.emplace_back([this] { ask_on(); });
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

void Load::ask_on() {
  while (!m_over) {
    std::string fault;
    try {
      http::Client client({http::Endpoint::Kind::tcp, "127.0.0.1", m_port});
      const auto response =
          client.request({.target = m_path, .headers = {{"Host", "localhost"}, {"Connection", "close"}}});
      fault = response.status == 200 ? "" : fmt::format("{}: {}", response.status, response.body);
    } catch (const Error& error) {
      fault = error.message();
    }
    ++m_requests;
    if (!fault.empty()) {
      const std::lock_guard lock(m_mutex);
      m_failures.push_back(fault);
    }
    std::this_thread::sleep_for(k_pause);
  }
}

} // namespace teal
