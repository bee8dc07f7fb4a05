#include "http/client.hpp"
#include "http/server.hpp"
#include "serve/journal_sink.hpp"
#include "serve/request_handler.hpp"
#include "serve/source_book.hpp"
#include "serve_fixture.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

namespace {

class RequestHandlerFixture : public ServeFixture {
protected:
  http::Response ask(const std::string& method, const std::string& target, const http::Headers& headers = {},
                     const std::string& body = "") {
    return http::Client(
               {.kind = http::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = m_server.addresses().front().port})
        .request({.method = method, .target = target, .headers = headers, .body = body});
  }
  http::Response push(const std::string& client, const std::string& secret) {
    const std::string body = push_payload(std::string(40, 'b'));
    http::Headers headers{{"X-Forwarded-For", client}};
    for (const http::Header& header : push_headers(body, "1", secret)) {
      headers.emplace(header.name, header.value);
    }
    return ask("POST", "/hook/shop/hub", headers, body);
  }

  serve::SourceBook m_sources{m_home, m_log};
  serve::Journal m_journal{m_home.store(), [](const std::string&) {}};
  serve::Metrics m_metrics{m_home.store()};
  serve::JournalSink m_sink{m_journal, m_clock};
  serve::HookDoor m_door{m_sources, m_sink, m_log};
  api::Api m_api{{.place = {m_home, clean_environment(), m_installation, m_clock},
                  .report = [](const std::string&) {},
                  .count = [](int) {}}};
  serve::RequestHandler m_handler{{.hooks = m_door,
                                   .sink = m_sink,
                                   .api = &m_api,
                                   .metrics = &m_metrics,
                                   .counts = [] { return http::ServerCounts(); }},
                                  {}};
  http::Server m_server{{.listen = {{"127.0.0.1", 0}}, .tls = {}, .limits = {}}, m_handler};
};

} // namespace

TEST_CASE_METHOD(RequestHandlerFixture, "each path has its methods and any other is nowhere") {
  CHECK(ask("GET", "/healthz").body == "{\"status\":\"ok\"}\n");
  CHECK(ask("POST", "/healthz").status == 405);
  CHECK(ask("GET", "/metrics").headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(ask("GET", "/hook/shop/hub").status == 405);
  CHECK(ask("POST", "/hook/shop/hub", {{"Content-Type", "text/html"}}, "x").status == 415);
  CHECK(ask("GET", "/../etc/passwd").status == 404);
  CHECK(ask("GET", "/").status == 404);
  const std::string metrics = ask("GET", "/metrics").body;
  CHECK_THAT(metrics, ContainsSubstring("{route=\"none\",status=\"404\"} 2\n") && !ContainsSubstring("passwd"));
}

TEST_CASE_METHOD(RequestHandlerFixture, "health is bad while nothing can be stored") {
  m_store.database.handle().exec(
      "CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'no'); END");
  CHECK(push("192.0.2.1", "It's a Secret").status == 503);
  CHECK(ask("GET", "/healthz").status == 503);
  CHECK_THAT(ask("GET", "/healthz").body, !ContainsSubstring("state.db"));
  m_store.database.handle().exec("DROP TRIGGER full");
  CHECK(push("192.0.2.1", "It's a Secret").status == 202);
  CHECK(ask("GET", "/healthz").status == 200);
}

TEST_CASE_METHOD(RequestHandlerFixture, "who is refused too often is told by a trusted proxy alone") {
  const auto statuses = [this](const std::string& client) {
    int refused = 0;
    for (int i = 0; i < 500 && refused != 429; ++i) { // five a second are forgiven meanwhile
      refused = push(client, "another secret").status;
    }
    return refused;
  };
  m_handler.trust(http::TrustedProxies({"127.0.0.1"}));
  CHECK(statuses("192.0.2.1") == 429);
  CHECK(push("192.0.2.2", "It's a Secret").status == 202);
  m_handler.trust(http::TrustedProxies());
  CHECK(statuses("192.0.2.3") == 429);
  CHECK(push("192.0.2.4", "It's a Secret").status == 429); // whatever it says of itself
}
