#include "engine/image_push.hpp"
#include "support/catch.hpp"
#include "unit/engine/scripted_api.hpp"

using namespace teal;
using namespace teal::engine;

namespace {

const std::string k_pushed = R"({"status":"Pushed","id":"5f70bf18a086"}
{"progressDetail":{},"aux":{"Tag":"blue","Digest":"sha256:9f2c","Size":527}}
)";

/// An engine that answers a push with `pushed`, and a question for an image with `image`.
class PushTest {
public:
  explicit PushTest(ScriptedAnswer pushed, ScriptedAnswer image = {.status = 404, .body = "{}"})
      : m_server([pushed = std::move(pushed), image = std::move(image)](const std::string& line, const auto& /*body*/) {
          return line.starts_with("POST") ? pushed : image;
        }) {}

  std::string push(std::string login = "") {
    return push_image(m_engine, {.repository = "r:5000/shop", .tag = "blue", .login = std::move(login)});
  }
  [[nodiscard]] Engine& engine() { return m_engine; }
  [[nodiscard]] const ScriptedApi& server() const { return m_server; }

private:
  ScriptedApi m_server;
  Engine m_engine{m_server.host()};
};

} // namespace

TEST_CASE("an image is pushed by its tag with the registry's login and its digest is told") {
  PushTest test({.body = k_pushed});
  CHECK(test.push("c2VjcmV0") == "sha256:9f2c");
  CHECK(test.server().asked() == std::vector<std::string>{"POST /images/r%3A5000%2Fshop/push?tag=blue"});
  CHECK_THAT(test.server().last_head(), ContainsSubstring("X-Registry-Auth: c2VjcmV0\r\n"));
}

TEST_CASE("without a login the engine gets the header that it insists on") {
  PushTest test({.body = k_pushed});
  CHECK(test.push() == "sha256:9f2c");
  CHECK_THAT(test.server().last_head(), ContainsSubstring("X-Registry-Auth: e30=\r\n"));
}

TEST_CASE("a push tells how far it is while it goes on") {
  PushTest test({.body = k_pushed});
  std::vector<std::string> told;
  push_image(test.engine(),
             {.repository = "r:5000/shop", .tag = "blue", .login = {}, .on_progress = [&](const PushOutput& output) {
                told.push_back(output.text());
              }});
  REQUIRE_FALSE(told.empty());
  CHECK(told.back() == "1 of 1 layers");
}

TEST_CASE("an engine that does not say the digest is asked for the image") {
  const std::string pushed = "{\"status\":\"Pushed\",\"id\":\"5f70bf18a086\"}\n";
  PushTest known({.body = pushed},
                 {.body = R"({"Id":"sha256:1","RepoDigests":["q/shop@sha256:2","r:5000/shop@sha256:3"]})"});
  CHECK(known.push() == "sha256:3");
  PushTest unknown({.body = pushed});
  CHECK_THROWS_WITH(unknown.push(), "cannot push 'r:5000/shop:blue': the engine does not say its digest");
}

TEST_CASE("a push that is refused says why and how to log in") {
  PushTest refused({.body = "{\"error\":\"denied: no \\u001b[31m\"}\n"});
  CHECK_THROWS_WITH(refused.push(), ContainsSubstring("cannot push 'r:5000/shop:blue': denied: no ") &&
                                        ContainsSubstring("; log in with: docker login r:5000") &&
                                        !ContainsSubstring("\x1b"));
  PushTest missing({.status = 404, .body = R"({"message":"tag does not exist"})"});
  CHECK_THROWS_WITH(missing.push(), "cannot push 'r:5000/shop:blue': tag does not exist");
}

TEST_CASE("a push that was interrupted says that and nothing of the registry") {
  PushTest test({.body = k_pushed});
  std::stop_source interrupt;
  test.engine().interrupt_by(interrupt.get_token());
  interrupt.request_stop();
  CHECK_THROWS_WITH(test.push(), "it was cancelled");
}

TEST_CASE("a push is waited for no longer than it may take") {
  ScriptedServer server([](int connection) {
    receive_head(connection);
    send_text(connection, "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK");
    receive_head(connection);
    send_text(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    receive_head(connection); // which never comes
  });
  Engine engine("tcp://127.0.0.1:" + std::to_string(server.endpoint().port));
  CHECK_THROWS_WITH(
      push_image(engine, {.repository = "r/shop", .tag = "blue", .login = {}, .deadline = Milliseconds(200)}),
      ContainsSubstring("cannot push 'r/shop:blue': it did not end within"));
}
