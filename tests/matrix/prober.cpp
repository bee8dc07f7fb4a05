#include "matrix/prober.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "http/client.hpp"

#include <fmt/format.h>

#include <chrono>

namespace teal {

std::string ask(std::uint16_t port) {
  try {
    http::Client client({http::Endpoint::Kind::tcp, "127.0.0.1", port});
    const auto response = client.request({.target = "/", .headers = {{"Host", "localhost"}, {"Connection", "close"}}},
                                         {.connect = Milliseconds(2000), .total = Milliseconds(5000)});
    std::string text(trim(response.body));
    return response.status == 200 ? text : fmt::format("{} {}", response.status, shorten(printable(text), 80));
  } catch (const Error& error) {
    return fmt::format("({})", error.message());
  }
}

Prober::Prober(std::uint16_t port)
    : m_thread([this, port](const std::stop_token& over) {
        while (!over.stop_requested()) {
          ++m_answers[ask(port)];
          std::this_thread::sleep_for(std::chrono::milliseconds(4));
        }
      }) {}

std::map<std::string, int> Prober::stop() {
  m_thread.request_stop();
  m_thread.join();
  return m_answers;
}

} // namespace teal
