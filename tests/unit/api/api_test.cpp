#include "api_fixture.hpp"

#include <thread>
#include <vector>

using namespace teal;

namespace {

namespace json = boost::json;

std::string head_of(const std::string& token, const std::string& path, const std::string& more = "") {
  return fmt::format("GET /api/v1{} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\n{}\r\n", path, token, more);
}

} // namespace

TEST_CASE_METHOD(ApiFixture, "nothing is answered without a token that is worth something") {
  for (const char* const path : {"/apps", "/apps/shop", "/deployments", "/audit"}) {
    const http::Response nobody = ask("GET", path, "");
    CHECK_THAT(refusal(nobody, 401), ContainsSubstring("Bearer"));
    CHECK(nobody.headers.at("www-authenticate") == "Bearer realm=\"tealhook\"");
    CHECK(nobody.headers.count("access-control-allow-origin") == 0);
  }
  const http::Response stranger = ask("GET", "/apps", make_token());
  CHECK_THAT(refusal(stranger, 401), ContainsSubstring("no such token"));
  CHECK_THAT(stranger.headers.at("www-authenticate"), ContainsSubstring("invalid_token"));
  CHECK(get("/apps").status == 200);
  CHECK(ask("GET", "/openapi.json", "").status == 200);
  remove_token("reader");
  CHECK(ask("GET", "/apps", m_reader).status == 401);
  CHECK(m_store.principals.find(Principal::Kind::api_token, "root")->last_used == m_clock.now());
}

TEST_CASE_METHOD(ApiFixture, "who guesses at tokens has to wait") {
  int last = 0;
  for (int i = 0; i < 30; ++i) {
    last = ask("GET", "/apps", make_token()).status;
  }
  CHECK(last == 429);
  CHECK(ask("GET", "/apps", m_root).headers.count("retry-after") == 1);
}

TEST_CASE_METHOD(ApiFixture, "what a token may not is refused alike of what is there and what is not, and on record") {
  CHECK(refusal(ask("POST", "/apps/shop/freeze", m_reader, R"({"why":"x"})"), 403) ==
        "token:reader may not 'freeze' app 'shop': it was not granted that");
  CHECK_THAT(refusal(ask("GET", "/apps/blog", m_reader), 403), ContainsSubstring("'blog'"));
  const Action refused = m_store.actions.audit(std::string("shop"), 1).front();
  CHECK(refused.refused);
  CHECK(refused.verb == "freeze");
  CHECK(refused.who == "token:reader");
  CHECK(refused.origin.door == Trigger::api);
  CHECK(refused.origin.from == "127.0.0.1");
  CHECK_THAT(refusal(get("/apps/blog"), 404), ContainsSubstring("no app 'blog'"));
  CHECK_THAT(refusal(get("/apps/..%2fetc"), 404), ContainsSubstring("nothing at this path"));
  CHECK_THAT(refusal(get("/apps/.."), 404), ContainsSubstring("no app '..'"));
  CHECK(refusal(ask("GET", "/audit", m_reader), 403).find('*') != std::string::npos);
  const std::string other = add_token("other", "blog", "read,logs,deploy");
  const std::int64_t id = queue_deployment();
  CHECK(refusal(ask("GET", fmt::format("/deployments/{}", id), other), 404) ==
        fmt::format("there is no deployment {}", id));
  CHECK(refusal(ask("GET", "/deployments/99", other), 404) == "there is no deployment 99");
  CHECK(json_of(ask("GET", "/deployments", other)).at("deployments").as_array().empty());
  CHECK(json_of(ask("GET", "/queue", other)).as_array().empty());
  CHECK(json_of(ask("GET", "/apps", other)).as_array().empty());
}

TEST_CASE_METHOD(ApiFixture, "each malformed request has its status and says what is wrong") {
  CHECK(ask("PUT", "/apps", m_root).headers.at("allow") == "GET, HEAD, POST");
  refusal(ask("PUT", "/apps", m_root), 405);
  refusal(ask("GET", "/nowhere", m_root), 404);
  refusal(ask("GET", "/apps", m_root, "", {{"Accept", "text/html"}}), 406);
  refusal(ask("POST", "/apps/shop/freeze", m_root, "why=x", {{"Content-Type", "text/plain"}}), 415);
  refusal(post("/apps/shop/freeze", "{\"why\":\"" + std::string(70'000, 'x') + "\"}"), 413);
  refusal(post("/apps/shop/freeze", "{\"why\":"), 400);
  refusal(post("/apps/shop/freeze", "{\"why\":\"\xff\"}"), 400);
  refusal(post("/apps/shop/freeze", "[1]"), 422);
  CHECK_THAT(refusal(post("/apps/shop/freeze", R"({"why":7})"), 422), ContainsSubstring("'why'"));
  CHECK_THAT(refusal(post("/apps/shop/freeze", R"({"why":"x","until":"y"})"), 422), ContainsSubstring("'until'"));
  CHECK_THAT(refusal(get("/deployments?ap=shop"), 400), ContainsSubstring("'ap'"));
  CHECK_THAT(refusal(get("/deployments?app=shop&app=blog"), 400), ContainsSubstring("twice"));
  refusal(get("/deployments?limit=0"), 400);
  refusal(get("/deployments?before=x"), 400);
  refusal(get("/deployments?status=lost"), 400);
  refusal(get("/deployments/-1"), 404);
  refusal(get("/deployments/99999999999999999999"), 404);
  CHECK_FALSE(m_store.traffic.freeze("shop"));
}

TEST_CASE_METHOD(ApiFixture, "what the server refuses by itself is a problem, too") {
  RawClient client(port());
  CHECK(client.send(fmt::format("POST /api/v1/apps/shop/freeze HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\n"
                                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
                                m_root)));
  client.send("20000\r\n" + std::string(0x20000, 'x') + "\r\n0\r\n\r\n");
  const std::string answer = client.receive_response();
  CHECK_THAT(answer, ContainsSubstring("HTTP/1.1 413") && ContainsSubstring("application/problem+json") &&
                         ContainsSubstring("\"detail\""));
}

TEST_CASE_METHOD(ApiFixture, "HEAD is GET without its body") {
  const std::string answer = teal::ask(port(), "HEAD" + head_of(m_root, "/apps", "Connection: close\r\n").substr(3));
  CHECK_THAT(answer, ContainsSubstring("HTTP/1.1 200"));
  const std::int64_t id = queue_deployment();
  const std::string stream =
      teal::ask(port(), "HEAD" + head_of(m_root, fmt::format("/deployments/{}/events", id)).substr(3));
  CHECK_THAT(stream, ContainsSubstring("Content-Type: text/event-stream") && !ContainsSubstring("Content-Length") &&
                         !ContainsSubstring("retry"));
  const std::size_t size = get("/apps").body.size();
  CHECK_THAT(answer, ContainsSubstring(fmt::format("Content-Length: {}\r\n", size)));
}

TEST_CASE_METHOD(ApiFixture, "apps and their parts are shown as at the command line") {
  const auto apps = json_of(get("/apps"));
  CHECK(apps.at(0).at("name") == "shop");
  CHECK(apps.at(0).at("colors").at("blue").at("port") == 50101);
  const auto app = json_of(get("/apps/shop"));
  CHECK(app.at("settings").as_array().size() > 20);
  CHECK_THAT(get("/apps/shop").body, !ContainsSubstring("verysecret"));
  const auto history = json_of(get("/apps/shop/history"));
  CHECK(history.as_array().size() == 1); // the reader's token
  CHECK(json_of(get("/apps/shop/releases")).as_array().empty());
  const auto status = json_of(get("/apps/shop/status"));
  CHECK(status.as_array().size() == 2);
  CHECK(status.at(0).at("error").at("kind") == "environment");
}

TEST_CASE_METHOD(ApiFixture, "an app is removed only by who says its name once more") {
  CHECK_THAT(refusal(ask("DELETE", "/apps/shop", m_root), 400), ContainsSubstring("?confirm=shop"));
  refusal(ask("DELETE", "/apps/shop?confirm=blog", m_root), 400);
  refusal(ask("DELETE", "/apps/shop?confirm=shop", m_reader), 403);
  refusal(ask("DELETE", "/apps/shop?confirm=shop", m_root), 503); // the engine is away: it can be asked again
  CHECK(get("/apps/shop").status == 200);
  refusal(post("/apps", R"({"name":"shop"})"), 409);
  refusal(post("/apps", R"({"name":"No Name"})"), 422);
  refusal(post("/apps", R"({"name":"blog","blue_port":"x"})"), 422);
}

TEST_CASE_METHOD(ApiFixture, "a deployment is asked for, once for each key of its sender") {
  const http::Headers key{{"Idempotency-Key", "build-17"}};
  const http::Response first = post("/apps/shop/deploy", R"({"destination":"green","rev":"main"})", key);
  CHECK(first.status == 202);
  CHECK(first.headers.at("location") == "/api/v1/deployments/1");
  CHECK(json_of(first).at("commit").as_string() == m_commit);
  CHECK(json_of(first).at("trigger") == "api");
  CHECK(json_of(first).at("who") == "token:root");
  const http::Response again = post("/deploy", R"({"app":"shop","rev":"main","destination":"green"})", key);
  CHECK(again.status == 202);
  CHECK(again.headers.at("location") == "/api/v1/deployments/1");
  CHECK_THAT(refusal(post("/apps/shop/deploy", R"({"destination":"blue"})", key), 422), ContainsSubstring("another"));
  const std::string other = add_token("other", "shop", "deploy");
  CHECK(ask("POST", "/apps/shop/deploy", other, "{}", key).headers.at("location") == "/api/v1/deployments/2");
  CHECK(post("/apps/shop/deploy", "").headers.at("location") == "/api/v1/deployments/3"); // once more, without
  m_clock.advance(std::chrono::hours(25));
  CHECK(post("/apps/shop/deploy", "{}", {{"Idempotency-Key", "other"}}).status == 202);
  CHECK_FALSE(m_store.idempotency.find("token:root", "build-17"));
  refusal(post("/apps/shop/deploy", "{}", {{"Idempotency-Key", "a b"}}), 400);
  CHECK_THAT(refusal(post("/apps/shop/deploy", R"({"rev":"nowhere"})"), 422), ContainsSubstring("no commit 'nowhere'"));
  refusal(post("/apps/shop/deploy", R"({"destination":"No"})"), 422);
  refusal(post("/apps/shop/deploy", R"({"destination":"live"})"), 422); // without a router
  refusal(post("/deploy", R"({"rev":"main"})"), 422);
}

TEST_CASE_METHOD(ApiFixture, "one of two requests with the same key is first, whoever that is") {
  std::vector<std::jthread> threads;
  std::atomic<int> accepted{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto answer = post("/apps/shop/deploy", R"({"rev":"main"})", {{"Idempotency-Key", "same"}});
      accepted += answer.status == 202 && answer.headers.at("location") == "/api/v1/deployments/1" ? 1 : 0;
    });
  }
  threads.clear();
  CHECK(accepted == 8);
  CHECK(m_store.history.deployments("shop", 10).size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "a frozen app keeps what is asked for and tells so") {
  const auto frozen = json_of(post("/apps/shop/freeze", R"({"why":"stocktaking"})"));
  CHECK(frozen.at("frozen") == true);
  CHECK(frozen.at("who") == "token:root");
  const http::Response held = post("/apps/shop/deploy", R"({"rev":"main"})", {{"Idempotency-Key", "k"}});
  CHECK_THAT(refusal(held, 409), ContainsSubstring("frozen"));
  CHECK(json_of(held).at("deployment") == 1);
  refusal(post("/apps/shop/deploy", R"({"rev":"main"})", {{"Idempotency-Key", "k"}}), 409);
  const auto unfrozen = json_of(post("/apps/shop/unfreeze", R"({"deploy":true})"));
  CHECK(unfrozen.at("was_frozen") == true);
  CHECK(unfrozen.at("deployed") == json::parse("[2]"));
  CHECK(json_of(post("/apps/shop/unfreeze", "")).at("was_frozen") == false);
  CHECK(m_store.actions.list("shop", 1).front().origin.door == Trigger::api);
}

TEST_CASE_METHOD(ApiFixture, "deployments come in pages and each by itself") {
  for (int i = 0; i < 5; ++i) {
    m_store.queue.finish(queue_deployment(), Status::failed, {.text = "no"});
  }
  const std::int64_t waiting = queue_deployment();
  const auto first = json_of(get("/deployments?limit=4"));
  CHECK(first.at("deployments").as_array().size() == 4);
  CHECK(first.at("deployments").at(0).at("id") == waiting);
  CHECK(first.at("next_before") == 3);
  const auto rest = json_of(get("/deployments?limit=4&before=3"));
  CHECK(rest.at("deployments").as_array().size() == 2);
  CHECK(rest.at("next_before").is_null());
  CHECK(json_of(get("/deployments?status=failed&app=shop")).at("deployments").as_array().size() == 5);
  CHECK(json_of(get(fmt::format("/deployments/{}", waiting))).at("status") == "queued");
  CHECK(json_of(get("/queue?app=shop")).as_array().size() == 1);
  const auto cancelled = json_of(post(fmt::format("/deployments/{}/cancel", waiting), ""));
  CHECK(cancelled.at("status") == "cancelled");
  CHECK(cancelled.at("outcome") == "cancelled by token:root");
  CHECK_THAT(refusal(post(fmt::format("/deployments/{}/cancel", waiting), "{}"), 409), ContainsSubstring("over"));
}

TEST_CASE_METHOD(ApiFixture, "one that runs is told to end and does not keep whoever asks waiting") {
  const std::int64_t id = queue_deployment();
  REQUIRE(m_store.queue.begin(id, Color::blue));
  const http::Response asked = post(fmt::format("/deployments/{}/cancel", id), "");
  CHECK(asked.status == 202);
  CHECK(json_of(asked).at("status") == "running");
  CHECK(files::exists(m_home.app("shop").cancel_mark(id)));
}

TEST_CASE_METHOD(ApiFixture, "a log is read whole or from a byte on") {
  const std::int64_t id = queue_deployment();
  const std::string path = fmt::format("/deployments/{}/log", id);
  CHECK(get(path).body.empty());
  write_file(m_home.app("shop").log(id), "0123456789");
  CHECK(get(path).body == "0123456789");
  CHECK(get(path).headers.at("content-type") == "text/plain; charset=utf-8");
  CHECK(get(path + "?from=7").body == "789");
  CHECK(get(path + "?from=10").body.empty());
  refusal(get(path + "?from=11"), 416);
  refusal(get(path + "?from=x"), 400);
  const auto range = [&](const std::string& text) { return ask("GET", path, m_root, "", {{"Range", text}}); };
  CHECK(range("bytes=2-4").status == 206);
  CHECK(range("bytes=2-4").body == "234");
  CHECK(range("bytes=2-4").headers.at("content-range") == "bytes 2-4/10");
  CHECK(range("bytes=8-").body == "89");
  CHECK(range("bytes=-3").body == "789");
  CHECK(range("bytes=5-99").headers.at("content-range") == "bytes 5-9/10");
  CHECK(range("bytes=10-").headers.at("content-range") == "bytes */10");
  refusal(range("bytes=10-"), 416);
  for (const char* ignored : {"bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=x-2"}) {
    CHECK(range(ignored).status == 200);
  }
  const std::string large(3'000'000, 'x');
  write_file(m_home.app("shop").log(id), large);
  CHECK(get(path).body == large);
  CHECK(range("bytes=1-").body.size() == large.size() - 1);
  const std::string no_logs = add_token("no-logs", "shop", "read");
  refusal(ask("GET", path, no_logs), 404);
}

TEST_CASE_METHOD(ApiFixture, "events are listed with what became of them and whole to who manages") {
  const auto taken = m_store.deliveries.add({{.app = "shop",
                                              .source = "hub",
                                              .sender = "1",
                                              .refs = {{"refs/heads/main", std::string(40, 'b')}},
                                              .headers = "X-GitHub-Event: push\n",
                                              .payload = "{\"ref\":\"main\"}",
                                              .at = m_clock.now(),
                                              .outcome = {}}});
  const auto events = json_of(get("/events?app=shop&status=waiting"));
  CHECK(events.at("events").at(0).at("source") == "hub");
  CHECK(json_of(get("/events?status=done")).at("events").as_array().empty());
  const std::string path = fmt::format("/events/d{}", taken.front().id);
  CHECK(json_of(get(path)).at("payload") == "{\"ref\":\"main\"}");
  CHECK_FALSE(json_of(ask("GET", path, m_reader)).as_object().contains("payload"));
  refusal(get("/events/d99"), 404);
  refusal(get("/events?status=lost"), 400);
}

TEST_CASE_METHOD(ApiFixture, "without a router there is no traffic to move") {
  CHECK_THAT(refusal(post("/apps/shop/switch", R"({"color":"green"})"), 409), ContainsSubstring("no router"));
  refusal(post("/apps/shop/switch", R"({"color":"red"})"), 422);
  CHECK_THAT(refusal(post("/apps/shop/rollback", ""), 409), ContainsSubstring("no earlier release"));
  refusal(ask("POST", "/apps/shop/switch", m_reader, "{}"), 403);
}

TEST_CASE_METHOD(ApiFixture, "settings are changed by who has seen them last, with their comments") {
  const http::Response before = get("/apps/shop/settings");
  const std::string tag = before.headers.at("etag");
  CHECK(json_of(before).at("text") == k_settings);
  CHECK(json_of(before).at("settings").at("run").at("env").at("KEY") == "verysecret");
  const auto patch = [&](const std::string& body, const http::Headers& headers) {
    return ask("PATCH", "/apps/shop/settings", m_root, body, headers);
  };
  refusal(patch(R"({"container_port":3000})", {}), 428);
  const http::Response after = patch(R"({"container_port":3000})", {{"If-Match", tag}});
  CHECK(after.status == 200);
  CHECK(read_file(m_home.app("shop").settings()) == std::string(k_settings) + "container_port: 3000\n");
  CHECK(files::permissions_of(m_home.app("shop").settings()) == std::filesystem::perms(0600));
  CHECK_THAT(refusal(patch(R"({"container_port":4000})", {{"If-Match", tag}}), 412),
             ContainsSubstring("others by now"));
  const std::string fresh = after.headers.at("etag");
  CHECK(refusal(patch(R"({"containr_port":1})", {{"If-Match", fresh}}), 422).starts_with("app.yml:"));
  CHECK_THAT(refusal(patch(R"({"container_port":"x"})", {{"If-Match", fresh}}), 422), ContainsSubstring("app.yml:5"));
  CHECK(get("/apps/shop/settings").headers.at("etag") == fresh);
  const Action noted = m_store.actions.list("shop", 1).front();
  CHECK(noted.verb == "settings");
  CHECK(noted.who == "token:root");
  CHECK(noted.text == "app.yml: container_port");
  CHECK(ask("GET", "/apps/shop/settings", m_root, "", {{"If-None-Match", fresh}}).status == 304);
}

TEST_CASE_METHOD(ApiFixture, "settings are written anew as a text and shown as one") {
  const auto text = ask("GET", "/apps/shop/settings", m_root, "", {{"Accept", "application/yaml"}});
  CHECK(text.body == k_settings);
  const std::string fresh = "# mine\ncolors: {blue: {port: 50101}, green: {port: 50100}}\ngate: true\n";
  const auto put = [&](const std::string& body, const std::string& type) {
    return ask("PUT", "/apps/shop/settings", m_root, body,
               {{"If-Match", text.headers.at("etag")}, {"Content-Type", type}});
  };
  refusal(put(fresh, "application/json"), 415);
  refusal(put("gate: maybe\n", "application/yaml"), 422);
  refusal(put("gate: \xff\n", "application/yaml"), 400);
  CHECK(put(fresh, "application/yaml").status == 200);
  CHECK(read_file(m_home.app("shop").settings()) == fresh);
}

TEST_CASE_METHOD(ApiFixture, "who may only read sees no secret and no tag") {
  const http::Response shown = ask("GET", "/apps/shop/settings", m_reader);
  CHECK(shown.status == 200);
  CHECK_THAT(shown.body, !ContainsSubstring("verysecret") && ContainsSubstring("***"));
  CHECK(shown.headers.count("etag") == 0);
  refusal(ask("GET", "/apps/shop/settings", m_reader, "", {{"Accept", "application/yaml"}}), 403);
  refusal(ask("PATCH", "/apps/shop/settings", m_reader, "{}", {{"If-Match", "*"}}), 403);
}

TEST_CASE_METHOD(ApiFixture, "of ten who change the settings at once none loses what another one wrote") {
  std::vector<std::jthread> threads;
  std::atomic<int> written{0};
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&, i] {
      for (;;) {
        const std::string tag = get("/apps/shop/settings").headers.at("etag");
        const int status = ask("PATCH", "/apps/shop/settings", m_root,
                               fmt::format(R"({{"run":{{"env":{{"K{}":"{}"}}}}}})", i, i), {{"If-Match", tag}})
                               .status;
        if (status != 412) {
          written += status == 200 ? 1 : 0;
          return;
        }
      }
    });
  }
  threads.clear();
  CHECK(written == 10);
  CHECK(json_of(get("/apps/shop/settings")).at("settings").at("run").at("env").as_object().size() == 11);
}

TEST_CASE_METHOD(ApiFixture, "a deployment is followed to its end, and from where a reader was left off") {
  const std::int64_t id = queue_deployment();
  const std::string path = fmt::format("/deployments/{}/events", id);
  RawClient reader(port());
  REQUIRE(reader.send(head_of(m_reader, path)));
  CHECK_THAT(reader.receive_until("\"queued\"}\n\n"), ContainsSubstring("Content-Type: text/event-stream"));
  static_cast<void>(reader.receive_until(": still there\n\n"));
  REQUIRE(m_store.queue.begin(id, Color::blue));
  static_cast<void>(reader.receive_until("\"running\"}\n\n"));
  write_file(m_home.app("shop").log(id), "one\ntwo\n");
  static_cast<void>(reader.receive_until("id: 8\nevent: log\ndata: two\n\n"));
  reader.hang_up();
  RawClient again(port());
  REQUIRE(again.send(head_of(m_reader, path, "Last-Event-ID: 4\r\n")));
  CHECK_THAT(again.receive_until("data: two\n\n"), !ContainsSubstring("data: one"));
  m_store.queue.finish(id, Status::failed, {.text = "no"});
  CHECK_THAT(again.receive_all(), ContainsSubstring("id: end\nevent: outcome") && ContainsSubstring("0\r\n\r\n"));
  CHECK(ask("GET", path, m_reader, "", {{"Last-Event-ID", "end"}}).status == 204);
  refusal(ask("GET", path, m_reader, "", {{"Last-Event-ID", "9"}}), 400);
  refusal(ask("GET", path, m_reader, "", {{"Last-Event-ID", "x"}}), 400);
}

TEST_CASE_METHOD(ApiFixture, "who follows hears nothing more once the token is removed") {
  const std::int64_t id = queue_deployment();
  RawClient reader(port());
  REQUIRE(reader.send(head_of(m_reader, fmt::format("/deployments/{}/events", id))));
  static_cast<void>(reader.receive_until("\"queued\"}\n\n"));
  remove_token("reader");
  write_file(m_home.app("shop").log(id), "secret\n");
  CHECK_THAT(reader.receive_all(), !ContainsSubstring("secret"));
}

TEST_CASE_METHOD(ApiFixture, "a reader that takes nothing is cut off and the others hear on") {
  m_server.reset();
  http::ServerLimits limits;
  limits.progress_time = Milliseconds(200);
  m_server = std::make_unique<http::Server>(
      http::ServerSettings{.listen = {{"127.0.0.1", 0}}, .tls = {}, .limits = limits}, m_door);
  const std::int64_t id = queue_deployment();
  std::string log;
  for (int i = 0; log.size() < 16'000'000; ++i) {
    log += fmt::format("line {} {}\n", i, std::string(100, 'x'));
  }
  write_file(m_home.app("shop").log(id), log);
  RawClient slow(port(), 4096);
  REQUIRE(slow.send(head_of(m_reader, fmt::format("/deployments/{}/events", id))));
  static_cast<void>(slow.receive_until("event: status"));
  wait_until([&] { return m_server->counts().streams == 0; }, std::chrono::minutes(1), "its end");
  RawClient quick(port());
  REQUIRE(quick.send(head_of(m_reader, fmt::format("/deployments/{}/events", id))));
  m_store.queue.finish(id, Status::failed, {.text = "no"});
  CHECK_THAT(quick.receive_all(), ContainsSubstring("event: outcome"));
}
