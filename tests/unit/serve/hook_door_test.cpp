#include "model/event_id.hpp"
#include "serve/hook_door.hpp"
#include "serve/journal_sink.hpp"
#include "serve/source_book.hpp"
#include "serve_fixture.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <future>
#include <set>

using namespace teal;

namespace {

namespace json = boost::json;

class HookDoorFixture : public ServeFixture {
protected:
  struct Answer {
    int status;
    json::value body;
  };

  [[nodiscard]] static http::ServerRequest request_of(const std::string& body, http::HeaderList headers,
                                                      const std::string& path = "/hook/shop/hub") {
    return {.method = "POST",
            .target = path,
            .path = path,
            .query = {},
            .headers = std::move(headers),
            .body = body,
            .peer = "192.0.2.1"};
  }
  Answer take(const http::ServerRequest& request) {
    std::promise<http::ServerResponse> told;
    m_door.take(request, request.peer, [&](http::ServerResponse response) { told.set_value(std::move(response)); });
    const http::ServerResponse response = told.get_future().get();
    return {response.status, json::parse(response.body)};
  }
  Answer push(const std::string& id, const std::string& commit = std::string(40, 'b')) {
    const std::string body = push_payload(commit);
    return take(request_of(body, push_headers(body, id)));
  }
  [[nodiscard]] std::optional<int> refusal(const http::ServerRequest& head) {
    const auto response = m_door.refuse(head, head.peer);
    return response ? std::optional(response->status) : std::nullopt;
  }

  serve::SourceBook m_sources{m_home, m_log};
  serve::Journal m_journal{m_home.store(), [](const std::string&) {}};
  static std::int64_t id_in(const Answer& answer) {
    const auto id = EventId::parse(std::string_view(answer.body.at("event").as_string()));
    REQUIRE(id);
    REQUIRE(id->kind == EventId::Kind::delivery);
    return id->number;
  }

  serve::JournalSink m_sink{m_journal, m_clock};
  serve::HookDoor m_door{m_sources, m_sink, m_log};
};

} // namespace

TEST_CASE_METHOD(HookDoorFixture,
                 "a signed push is stored and answered with its id, and the same once more with it too") {
  const Answer first = push("id-1");
  CHECK(first.status == 202);
  CHECK(first.body.at("status").as_string() == "accepted");
  const std::int64_t id = id_in(first);
  const StoredDelivery stored = m_store.deliveries.find(id).value();
  CHECK(stored.sender == "id-1");
  CHECK(stored.payload == push_payload(std::string(40, 'b')));
  CHECK(stored.refs == std::vector<AskedRef>{{"refs/heads/main", std::string(40, 'b')}});
  CHECK_THAT(stored.headers, ContainsSubstring("X-GitHub-Event: push") && !ContainsSubstring("Signature"));
  const Answer again = push("id-1");
  CHECK(again.status == 200);
  CHECK(again.body.at("status").as_string() == "duplicate");
  CHECK(id_in(again) == id);
  CHECK(push("id-2").status == 202);
}

TEST_CASE_METHOD(HookDoorFixture, "who cannot prove a secret is told the same whatever is wrong") {
  const std::string body = push_payload(std::string(40, 'b'));
  std::set<std::string> told;
  const auto refuse = [&](const http::ServerRequest& request) {
    const Answer answer = take(request);
    CHECK(answer.status == 401);
    told.insert(json::serialize(answer.body));
  };
  refuse(request_of(body, push_headers(body, "1", "another secret")));
  refuse(request_of(body, {{"X-GitHub-Event", "push"}, {"X-GitHub-Delivery", "1"}}));
  refuse(request_of(body, push_headers(body, "1"), "/hook/shop/other"));
  refuse(request_of(body, push_headers(body, "1"), "/hook/blog/hub"));
  refuse(request_of(body, push_headers(body, "1"), "/hook/../hub"));
  refuse(request_of(body, push_headers(body, "1"), "/hook/shop"));
  refuse(request_of("no JSON", push_headers(body, "1")));
  CHECK(told.size() == 1);
  CHECK(m_store.deliveries.count_waiting() == 0);
  CHECK_THAT(logged(), ContainsSubstring("does not match secret_file") && ContainsSubstring("there is no such source"));
}

TEST_CASE_METHOD(HookDoorFixture,
                 "a secret changes with its file, both are good meanwhile, and an empty one takes nothing") {
  const std::string body = push_payload(std::string(40, 'b'));
  const std::filesystem::path file = m_home.app("shop").root / "hub.secret";
  const auto status_with = [&](const std::string& secret, const std::string& id) {
    return take(request_of(body, push_headers(body, id, secret))).status;
  };
  CHECK(status_with("It's a Secret", "1") == 202);
  write_file(file, "a newer secret\nIt's a Secret\n", 0600);
  CHECK(status_with("It's a Secret", "2") == 202);
  CHECK(status_with("a newer secret", "3") == 202);
  write_file(file, "a newer secret\n", 0600);
  CHECK(status_with("It's a Secret", "4") == 401);
  write_file(file, "\n", 0600);
  CHECK(status_with("", "5") == 401);
  CHECK_THAT(logged(), ContainsSubstring("has no secret: nothing is taken without"));
  write_file(file, "1\n2\n3\n", 0600);
  CHECK(status_with("1", "6") == 401);
}

TEST_CASE_METHOD(HookDoorFixture, "a secret that was changed is no good any more though the settings are wrong") {
  CHECK(push("1").status == 202);
  write_file(m_home.app("shop").settings(), "sources: [\n");
  CHECK(push("2").status == 202);
  write_file(m_home.app("shop").root / "hub.secret", "a newer secret\n", 0600);
  CHECK(push("3").status == 401);
  const std::string body = push_payload(std::string(40, 'b'));
  CHECK(take(request_of(body, push_headers(body, "4", "a newer secret"))).status == 202);
  std::filesystem::remove(m_home.app("shop").root / "hub.secret");
  CHECK(take(request_of(body, push_headers(body, "5", "a newer secret"))).status == 401);
}

TEST_CASE_METHOD(HookDoorFixture,
                 "settings that are wrong leave the sources as they were and a new source needs no restart") {
  CHECK(push("1").status == 202);
  const std::string before = read_file(m_home.app("shop").settings());
  write_file(m_home.app("shop").settings(), "sources: [\n");
  CHECK(push("2").status == 202);
  CHECK_THAT(logged(), ContainsSubstring("its sources stay as they were"));
  set_sources("{name: other, kind: webhook, forge: github, secret_file: hub.secret}");
  CHECK(push("3").status == 401);
  const std::string body = push_payload(std::string(40, 'b'));
  CHECK(take(request_of(body, push_headers(body, "4"), "/hook/shop/other")).status == 202);
  std::filesystem::remove(m_home.app("shop").settings());
  CHECK(take(request_of(body, push_headers(body, "5"), "/hook/shop/other")).status == 401);
}

TEST_CASE_METHOD(HookDoorFixture, "what asks for nothing is answered and told but not stored") {
  const std::string zero(40, '0');
  const std::string body = push_payload(zero);
  const Answer removal = take(request_of(body, push_headers(body, "1")));
  CHECK(removal.status == 200);
  CHECK_THAT(std::string(removal.body.at("reason").as_string()), ContainsSubstring("'main' was deleted"));
  CHECK_THAT(logged(), ContainsSubstring("'main' was deleted; what runs stays as it is"));
  const std::string review = push_payload(std::string(40, 'b'), "refs/pull/1/head");
  CHECK(take(request_of(review, push_headers(review, "3"))).body.at("reason").as_string() ==
        "'refs/pull/1/head' is neither a branch nor a tag");
  const std::string ping = R"({"zen":"Keep it logically awesome.","hook_id":1})";
  http::HeaderList headers{
      {"X-GitHub-Event", "ping"},
      {"X-GitHub-Delivery", "2"},
      {"X-Hub-Signature-256", "sha256=" + http::hmac_hex(http::Hash::sha256, "It's a Secret", ping)}};
  CHECK(take(request_of(ping, headers)).status == 200);
  CHECK(m_store.deliveries.count_waiting() == 0);
}

TEST_CASE_METHOD(HookDoorFixture,
                 "a signed payload that cannot be understood is refused with the reason and may come again") {
  std::string many = push_payload(std::string(40, 'b'));
  many.replace(
      many.find("\"commits\":[]"), 12, "\"commits\":[" + [] {
        std::string commits = R"({"id":"1","added":["a"]})";
        for (int i = 1; i < 20'000; ++i) {
          commits += R"(,{"id":"1","added":["a"]})";
        }
        return commits;
      }() + "]");
  CHECK(take(request_of(many, push_headers(many, "many"))).status == 202);
  for (const std::string& body :
       {std::string("{\"ref\":"), std::string(100'000, '['), std::string("{\"ref\":\"\xff\"}"),
        std::string("{\"ref\":5}"), std::string("[]"), std::string()}) {
    const Answer answer = take(request_of(body, push_headers(body, "bad")));
    CHECK(answer.status == 400);
    CHECK_FALSE(answer.body.at("error").as_string().empty());
  }
  CHECK(push("bad").status == 202);
}

TEST_CASE_METHOD(HookDoorFixture, "a secret that a payload quotes is not kept, and is no other ref by that") {
  write_file(m_home.app("shop").root / "hub.secret", "production\n", 0600);
  const std::string body = push_payload(std::string(40, 'b'), "refs/heads/production");
  const Answer named = take(request_of(body, push_headers(body, "2", "production")));
  REQUIRE(named.status == 202);
  const auto kept = m_store.deliveries.find(id_in(named)).value();
  CHECK(kept.refs.front().ref == "refs/heads/production");
  CHECK_THAT(kept.payload, !ContainsSubstring("production"));
}

TEST_CASE_METHOD(HookDoorFixture, "a secret that a payload quotes is not kept") {
  std::string body = push_payload(std::string(40, 'b'));
  body.replace(body.find("ada\"}"), 3, "It's a Secret");
  const Answer answer = take(request_of(body, push_headers(body, "1")));
  REQUIRE(answer.status == 202);
  const auto stored = m_store.deliveries.find(id_in(answer)).value();
  CHECK_THAT(stored.payload, !ContainsSubstring("It's a Secret") && ContainsSubstring("***"));
}

TEST_CASE_METHOD(HookDoorFixture, "method and type are refused before the body is read") {
  http::ServerRequest head = request_of("", {{"Content-Type", "application/json; charset=utf-8"}});
  CHECK_FALSE(refusal(head));
  head.method = "GET";
  CHECK(refusal(head) == 405);
  CHECK(refusal(request_of("", {{"Content-Type", "text/html"}})) == 415);
  CHECK(refusal(request_of("", {})) == 415);
  CHECK_FALSE(refusal(request_of("", {{"Content-Type", "application/x-www-form-urlencoded"}})));
}

TEST_CASE_METHOD(HookDoorFixture, "a client whose requests are refused too often has to wait and others have not") {
  const std::string body = push_payload(std::string(40, 'b'));
  const auto bad = request_of(body, push_headers(body, "1", "another secret"));
  http::ServerRequest head = request_of("", {{"Content-Type", "application/json"}});
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(take(bad));
  }
  CHECK(refusal(head) == 429);
  head.peer = "192.0.2.2";
  CHECK_FALSE(refusal(head));
}

namespace {

std::string notification_of(const std::string& repository, const std::string& tag) {
  return fmt::format(R"({{"events":[{{"id":"n-{1}","action":"push","target":{{"mediaType":)"
                     R"("application/vnd.oci.image.manifest.v1+json","digest":"sha256:{2}","repository":"{0}",)"
                     R"("tag":"{1}"}},"actor":{{}}}}]}})",
                     repository, tag, std::string(64, 'a'));
}

} // namespace

TEST_CASE_METHOD(HookDoorFixture, "of all that a registry tells only what the source waits for is stored") {
  set_sources("{name: hub, kind: registry, secret_file: hub.secret, tag: stable, image: localhost:5000/ci/shop}");
  const auto notify = [&](const std::string& repository, const std::string& tag,
                          const std::string& secret = "It's a Secret") {
    return take(request_of(notification_of(repository, tag),
                           {{"Content-Type", "application/vnd.docker.distribution.events.v1+json"},
                            {"Authorization", "Bearer " + secret}}));
  };
  CHECK(notify("ci/shop", "stable", "guessed").status == 401);
  CHECK(notify("ci/shop", "other").status == 200);
  CHECK(notify("shop", "stable").status == 200);
  CHECK(m_store.deliveries.count_waiting() == 0);
  const Answer accepted = notify("ci/shop", "stable");
  CHECK(accepted.status == 202);
  const StoredDelivery stored = m_store.deliveries.find(id_in(accepted)).value();
  CHECK(stored.sender == "n-stable");
  CHECK(stored.refs == std::vector<AskedRef>{{"ci/shop:stable", "sha256:" + std::string(64, 'a')}});
  CHECK(notify("ci/shop", "stable").status == 200);
}
