#include "engine/containers.hpp"
#include "support/catch.hpp"
#include "unit/http/scripted_server.hpp"

#include <fmt/format.h>

using namespace teal;
using namespace teal::engine;

namespace {

/// As long as ids are: the kernel's log of this host is asked for it too, and names many a container.
const std::string k_id = fmt::format("{:064x}", 0x7ea1'600d'f00dU);

/// An engine that tells nothing but events, and from the `told_at`th time on that memory was out.
class SlowEngine {
public:
  explicit SlowEngine(int told_at)
      : m_told_at(told_at), m_server([this](int connection) { converse(connection); }),
        m_engine(fmt::format("tcp://127.0.0.1:{}", m_server.endpoint().port)), m_containers(m_engine) {}

  [[nodiscard]] Containers& containers() { return m_containers; }
  [[nodiscard]] int times_asked() const { return m_asked; }

private:
  void converse(int connection) {
    for (std::string head = receive_head(connection); !head.empty(); head = receive_head(connection)) {
      const bool asked = head.find("/events?") != std::string::npos && head.find("oom") != std::string::npos &&
                         head.find(k_id) != std::string::npos;
      m_asked += asked ? 1 : 0;
      const std::string body = asked && m_asked >= m_told_at ? R"({"status":"oom"})"
                                                               "\n"
                                                             : "";
      send_text(connection, fmt::format("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\n"
                                        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                                        body.size(), body));
    }
  }

  int m_told_at;
  std::atomic<int> m_asked = 0;
  ScriptedServer m_server;
  Engine m_engine;
  Containers m_containers;
};

Container ended_with(int exit_code) {
  Container ended;
  ended.id = k_id;
  ended.exit_code = exit_code;
  return ended;
}

} // namespace

TEST_CASE("that memory was out is waited for, as the engine learns it after the end") {
  SlowEngine engine(3);
  CHECK(engine.containers().await_cause(ended_with(137)).out_of_memory);
  CHECK(engine.times_asked() == 3);
}

TEST_CASE("what ended by itself ended for a cause that is known") {
  SlowEngine engine(1);
  CHECK(engine.containers().await_cause(ended_with(3)).exit_code == 3);
  CHECK(engine.times_asked() == 0);
}

TEST_CASE("a kill that no lack of memory explains is not waited for in vain") {
  SlowEngine engine(1'000'000);
  CHECK_FALSE(engine.containers().await_cause(ended_with(137)).out_of_memory);
}
