// The API: what other programs come to by it, over real HTTP, and that each answer is as openapi.json says.
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "process/file_lock.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// One asked question, as tests/support/openapi.pl reads them.
struct Exchange {
  std::string method;
  std::string path;
  std::string request;
  http::Response response;

  [[nodiscard]] std::string line() const {
    json::object headers;
    for (const auto& [name, value] : response.headers) {
      headers[name] = value;
    }
    const auto type = response.headers.find("content-type");
    return json::serialize(json::object{{"method", method},
                                        {"path", path},
                                        {"status", response.status},
                                        {"type", type == response.headers.end() ? "" : type->second},
                                        {"request", request},
                                        {"response", response.body},
                                        {"headers", std::move(headers)}}) +
           "\n";
  }
};

/// An app whose v1 is live, and the daemon.
class Scene {
public:
  explicit Scene(const std::string& router = "haproxy")
      : m_host(router), m_app(m_host.create_app()), m_project(m_host),
        m_listen(m_host.home().settings(), "#listen: 127.0.0.1:8888", fmt::format("listen: 127.0.0.1:{}", m_port)) {
    m_token = add_token("ci", "*", "read,logs,push,deploy,switch,rollback,freeze,manage");
    start();
  }
  ~Scene() {
    stop();
    m_host.await_rest(m_app);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] const Project& project() const { return m_project; }
  [[nodiscard]] const std::string& token() const { return m_token; }
  [[nodiscard]] fs::path file(const std::string& name) const { return m_folder.path() / name; }
  [[nodiscard]] std::string path(const std::string& rest) const { return fmt::format("/apps/{}{}", m_app, rest); }

  [[nodiscard]] std::string add_token(const std::string& name, const std::string& app, const std::string& can) const {
    const auto made = json::parse(m_host.tealhook_ok({"token", "add", name, "--app", app, "--can", can, "--json"}));
    return std::string(made.at("token").as_string());
  }
  void start() {
    fs::remove(file("log"));
    m_daemon = start_detached({.arguments = {TestHost::tool().string(), "serve"}, .environment = m_host.environment()},
                              file("log"));
    wait_until([&] { return log().find("listens") != std::string::npos || !is_alive(*m_daemon); }, k_patience,
               "the daemon");
    INFO(log());
    REQUIRE(is_alive(*m_daemon));
  }
  void kill() const {
    ::kill(m_daemon.value().pid, SIGKILL);
    wait_until([&] { return !is_alive(*m_daemon); }, k_patience, "the daemon's end");
  }
  void stop() const { end_process(*m_daemon, k_patience); }
  [[nodiscard]] std::string log() const { return fs::exists(file("log")) ? read_file(file("log")) : ""; }

  /// Commits, and has the app's live repository know of it as branch "main", without a push. Returns the commit.
  [[nodiscard]] std::string publish(const std::string& version) const {
    std::string commit = m_project.commit(version);
    m_project.git({"-C", m_host.home().app(m_app).live_repository().string(), "fetch", "--quiet", "--force",
                   m_project.path().string(), "main:main"});
    return commit;
  }

  http::Response ask(const std::string& method, const std::string& path, const std::string& body = "",
                     http::Headers headers = {}) {
    headers.emplace("Authorization", "Bearer " + m_token);
    if (!body.empty()) {
      headers.emplace("Content-Type", "application/json");
    }
    http::Response response = client().request(
        {.method = method, .target = "/api/v1" + path, .headers = headers, .body = body}, {.total = k_patience});
    m_exchanges += Exchange{method, "/api/v1" + path, body, response}.line();
    return response;
  }
  /// The same, which must succeed.
  json::value ask_ok(const std::string& method, const std::string& path, const std::string& body = "",
                     const http::Headers& headers = {}) {
    const http::Response response = ask(method, path, body, headers);
    INFO(method << " " << path << ": " << response.status << " " << response.body << "\n" << log());
    REQUIRE(response.status < 300);
    return json::parse(response.body);
  }
  [[nodiscard]] http::Client client() const {
    return http::Client({.kind = http::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = m_port});
  }
  /// curl that follows a deployment by a token of its own.
  [[nodiscard]] Background follow(std::int64_t id, const std::string& token, const std::string& last = "") const {
    write_file(file("headers"),
               fmt::format("Authorization: Bearer {}\n{}", token, last.empty() ? "" : "Last-Event-ID: " + last + "\n"));
    return Background({.arguments = {"curl", "-s", "-N", "-H", "@" + file("headers").string(),
                                     fmt::format("http://127.0.0.1:{}/api/v1/deployments/{}/events", m_port, id)},
                       .environment = m_host.environment()});
  }
  /// Asks, and follows to the outcome's status.
  std::string deploy(const std::string& body) {
    const json::value queued = ask_ok("POST", path("/deploy"), body);
    const http::Response told = ask("GET", fmt::format("/deployments/{}/events", queued.at("id").as_int64()));
    const std::size_t at = told.body.find("event: outcome\ndata: ");
    INFO(told.body);
    REQUIRE(at != std::string::npos);
    const std::string data = told.body.substr(at + 21, told.body.find('\n', at + 21) - at - 21);
    return std::string(json::parse(data).at("status").as_string());
  }
  [[nodiscard]] const std::string& exchanges() const { return m_exchanges; }

private:
  std::uint16_t m_port = free_port();
  TempFolder m_folder;
  TestHost m_host;
  std::string m_app;
  Project m_project;
  ChangedFile m_listen;
  std::string m_token;
  std::optional<ProcessId> m_daemon;
  std::string m_exchanges;
};

/// Ids and texts of the log's lines.
std::vector<std::pair<std::string, std::string>> log_lines(const std::string& events) {
  constexpr std::string_view k_event = "event: log\ndata: ";
  std::vector<std::pair<std::string, std::string>> lines;
  for (std::size_t at = events.find(k_event); at != std::string::npos; at = events.find(k_event, at + 1)) {
    const std::size_t id = events.rfind("id: ", at) + 4;
    const std::size_t text = at + k_event.size();
    const std::size_t end = events.find("\n\n", text);
    if (end != std::string::npos) {
      lines.emplace_back(events.substr(id, at - 1 - id), events.substr(text, end - text));
    }
  }
  return lines;
}

} // namespace

TEST_CASE("all that can be asked for is answered as openapi.json says") {
  Scene scene;
  const TestHost& host = scene.host();
  const std::string& app = scene.app();
  const std::string first = scene.publish("v1");
  CHECK(scene.ask_ok("GET", scene.path("/plan?destination=live&rev=main")).at("commit").as_string() == first);
  CHECK(scene.deploy(R"({"destination":"live","rev":"main"})") == "live");
  CHECK_THAT(host.live_answer(app), ContainsSubstring("v1"));
  static_cast<void>(scene.publish("v2"));
  CHECK(scene.deploy(R"({"destination":"live","rev":"main"})") == "live");
  CHECK_THAT(host.live_answer(app), ContainsSubstring("v2"));
  host.await_rest(app);

  CHECK(scene.ask_ok("POST", scene.path("/switch"), "{}").at("commit").as_string() == first);
  CHECK_THAT(host.live_answer(app), ContainsSubstring("v1"));
  CHECK(scene.ask_ok("POST", scene.path("/rollback"), "{}").at("by") == "switch");
  CHECK_THAT(host.live_answer(app), ContainsSubstring("v2"));
  const auto releases = scene.ask_ok("GET", scene.path("/releases"));
  CHECK(releases.as_array().size() == 2);
  CHECK(scene.ask_ok("GET", scene.path("/status")) == json::parse(host.tealhook_ok({"status", app, "--json"})));
  CHECK(scene.ask_ok("GET", scene.path("/history")) == json::parse(host.tealhook_ok({"history", app, "--json"})));
  CHECK(scene.ask_ok("GET", scene.path("")) == json::parse(host.tealhook_ok({"app", "show", app, "--json"})));
  CHECK(scene.ask_ok("GET", "/apps") == json::parse(host.tealhook_ok({"app", "list", "--json"})));

  CHECK(scene.ask_ok("POST", scene.path("/freeze"), R"({"why":"stocktaking"})").at("frozen") == true);
  CHECK(scene.ask("POST", "/deploy", fmt::format(R"({{"app":"{}","destination":"idle"}})", app)).status == 409);
  CHECK(scene.ask_ok("POST", scene.path("/unfreeze"), R"({"deploy":true})").at("deployed").as_array().size() == 1);
  host.await_rest(app);

  const auto scaled = scene.ask_ok("POST", scene.path("/scale"), R"({"replicas":2,"color":"green"})");
  CHECK(scaled.at("deployments").at(0).at("destination") == "green");
  host.await_rest(app);
  CHECK(scene.ask_ok("GET", scene.path("/status")).at(1).at("replicas").as_array().size() == 2);
  CHECK(scene.ask_ok("POST", scene.path("/spawn"), "{}").at("replicas") == 3);
  host.await_rest(app);
  CHECK(scene.ask_ok("POST", scene.path("/destroy"), "{}").at("replicas") == 2);
  host.await_rest(app);
  CHECK(scene.ask("POST", scene.path("/scale"), R"({"replicas":2})").status == 200);
  CHECK(scene.ask("POST", scene.path("/scale"), R"({"replicas":11})").status == 422);
  CHECK(scene.ask_ok("POST", scene.path("/scale"), R"({"replicas":1})").at("replicas") == 1);
  host.await_rest(app);
  CHECK(scene.ask("POST", scene.path("/destroy")).status == 409);

  const http::Response settings = scene.ask("GET", scene.path("/settings"));
  const auto patched = scene.ask_ok("PATCH", scene.path("/settings"), R"({"run":{"env":{"ANSWER":"42"}}})",
                                    {{"If-Match", settings.headers.at("etag")}});
  CHECK_THAT(read_file(host.home().app(app).settings()), ContainsSubstring("ANSWER: 42"));
  const http::Response text = scene.ask("GET", scene.path("/settings"), "", {{"Accept", "application/yaml"}});
  CHECK(scene
            .ask("PUT", scene.path("/settings"), text.body + "# by the API\n",
                 {{"If-Match", text.headers.at("etag")}, {"Content-Type", "application/yaml"}})
            .status == 200);
  CHECK(scene.ask("GET", scene.path("/settings"), "", {{"If-None-Match", text.headers.at("etag")}}).status == 200);
  static_cast<void>(scene.ask_ok("POST", "/deploy", fmt::format(R"({{"app":"{}","destination":"idle"}})", app),
                                 {{"Idempotency-Key", "1"}}));
  static_cast<void>(scene.ask_ok("GET", "/queue"));
  host.await_rest(app);

  const auto page = scene.ask_ok("GET", fmt::format("/deployments?app={}&limit=1", app));
  const std::int64_t newest = page.at("deployments").at(0).at("id").as_int64();
  CHECK(page.at("deployments").at(0).at("status") == "ready");
  static_cast<void>(scene.ask_ok("GET", fmt::format("/deployments/{}", newest)));
  CHECK_THAT(scene.ask("GET", fmt::format("/deployments/{}/log", newest)).body, ContainsSubstring("ready in"));
  CHECK(scene.ask("GET", fmt::format("/deployments/{}/log", newest), "", {{"Range", "bytes=0-3"}}).body.size() == 4);
  CHECK(scene.ask("GET", fmt::format("/deployments/{}/events", newest), "", {{"Last-Event-ID", "end"}}).status == 204);
  CHECK(scene.ask("POST", fmt::format("/deployments/{}/cancel", newest)).status == 409);
  CHECK(scene.ask_ok("POST", scene.path("/pause")).at("was_paused") == false);
  const auto again = scene.ask_ok("POST", fmt::format("/deployments/{}/retry", newest));
  CHECK(again.at("status") == "queued");
  CHECK(scene.ask_ok("POST", scene.path("/resume")).at("waiting") == 1);
  host.await_rest(app);
  CHECK(scene.ask_ok("GET", fmt::format("/deployments/{}", again.at("id").as_int64())).at("status") == "ready");
  {
    const auto lock = FileLock::acquire_any({host.home().app(app).lock()}, k_patience); // no runner works
    REQUIRE(lock);
    const SystemClock clock;
    Store store(host.home().store(), clock);
    const std::int64_t waiting =
        store.queue.enqueue(store.history.deployment(newest)->event, Color::green).deployment.id;
    CHECK(scene.ask("POST", fmt::format("/deployments/{}/cancel", waiting)).status < 300);
    const auto taken = store.deliveries.add({{.app = app,
                                              .source = "hub",
                                              .sender = "1",
                                              .refs = {{"refs/heads/main", first}},
                                              .headers = "X-GitHub-Event: push\n",
                                              .payload = "{}",
                                              .at = clock.now(),
                                              .outcome = {}}});
    static_cast<void>(scene.ask_ok("GET", fmt::format("/events/d{}", taken.front().id)));
  }
  static_cast<void>(scene.ask_ok("GET", "/events?status=waiting"));
  CHECK_FALSE(scene.ask_ok("GET", "/audit?limit=5").as_array().empty());
  host.await_rest(app);

  const std::string other = app + "-other";
  const http::Response made =
      scene.ask("POST", "/apps", fmt::format(R"({{"name":"{}","container_port":3000}})", other));
  CHECK(made.status == 201);
  CHECK(json::parse(made.body) == json::parse(host.tealhook_ok({"app", "show", other, "--json"})));
  CHECK(scene.ask_ok("DELETE", fmt::format("/apps/{0}?confirm={0}", other)).at("removed") == true);
  CHECK(scene.ask("GET", "/apps/" + other).status == 404);
  write_file(scene.file("openapi.json"), scene.ask("GET", "/openapi.json").body);

  write_file(scene.file("exchanges"), scene.exchanges());
  const Outcome validated = run({.arguments = {TEAL_TEST_SOURCES "/support/openapi.pl",
                                               scene.file("openapi.json").string(), scene.file("exchanges").string()},
                                 .environment = clean_environment()});
  if (validated.exit_code == 77) {
    SKIP_TEST("openapi.json was not validated: " + validated.tail);
  }
  INFO(validated.tail);
  CHECK(validated.succeeded());
}

TEST_CASE("who follows goes on behind a daemon that was killed and misses nothing") {
  Scene scene("none");
  scene.project().build_slowly(2);
  static_cast<void>(scene.publish("v1"));
  const auto queued = scene.ask_ok("POST", scene.path("/deploy"), R"({"destination":"blue","rev":"main"})");
  const std::int64_t id = queued.at("id").as_int64();
  std::vector<std::pair<std::string, std::string>> heard;
  {
    const Background curl = scene.follow(id, scene.token());
    wait_until([&] { return !log_lines(curl.text()).empty(); }, k_patience, "the first line");
    scene.kill();
    heard = log_lines(curl.finish());
  }
  scene.start();
  const Background again = scene.follow(id, scene.token(), heard.back().first);
  wait_until([&] { return !again.is_running(); }, k_patience, "the end of the stream");
  const std::string rest = again.text();
  CHECK_THAT(rest, ContainsSubstring("event: outcome"));
  for (const auto& line : log_lines(rest)) {
    heard.push_back(line);
  }
  std::string text;
  for (const auto& [at, line] : heard) {
    text += line + "\n";
    CHECK(at == std::to_string(text.size()));
  }
  // What was replaced is told there later, when the outcome is.
  CHECK_THAT(read_file(scene.host().home().app(scene.app()).log(id)), Catch::Matchers::StartsWith(text));
}

TEST_CASE("a token that is removed is refused at once and whoever follows by it hears no more") {
  Scene scene("none");
  const std::string watcher = scene.add_token("watcher", scene.app(), "read,logs");
  const auto lock = FileLock::acquire_any({scene.host().home().app(scene.app()).lock()}, k_patience); // no runner works
  REQUIRE(lock);
  std::int64_t id = 0;
  {
    const SystemClock clock;
    Store store(scene.host().home().store(), clock);
    id = store.queue
             .enqueue({.app = scene.app(),
                       .repository = scene.host().repository(scene.app(), Color::blue).string(),
                       .ref = "main",
                       .old_commit = {},
                       .new_commit = std::string(40, 'b'),
                       .subject = "x",
                       .who = "test",
                       .at = clock.now()},
                      Color::blue)
             .deployment.id;
  }
  const Background curl = scene.follow(id, watcher);
  wait_until([&] { return curl.text().find("event: status") != std::string::npos; }, k_patience, "the stream");
  scene.host().tealhook_ok({"token", "remove", "watcher"});
  wait_until([&] { return !curl.is_running(); }, k_patience, "the end of the stream");
  CHECK(scene.ask("GET", scene.path(""), "", {{"Authorization", "Bearer " + watcher}}).status == 401);
  CHECK(scene.ask("POST", fmt::format("/deployments/{}/cancel", id)).status == 200);
}

TEST_CASE("ten clients at once are all answered, or told when to come back") {
  Scene scene("none");
  static_cast<void>(scene.publish("v1"));
  std::atomic<int> accepted{0};
  std::atomic<int> shown{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back([&] {
      const http::Headers headers{{"Authorization", "Bearer " + scene.token()}, {"Content-Type", "application/json"}};
      http::Client client = scene.client();
      const auto ask = [&](const std::string& method, const std::string& path, const std::string& body) {
        return client.request({.method = method, .target = "/api/v1" + path, .headers = headers, .body = body});
      };
      const auto deployed = ask("POST", scene.path("/deploy"), R"({"destination":"blue","rev":"main"})");
      accepted += deployed.status == 202 ? 1 : 0;
      for (int looks = 0; looks < 100; ++looks) {
        const auto status = ask("GET", scene.path("/status"), "");
        if (status.status != 503) {
          shown += status.status == 200 ? 1 : 0;
          break;
        }
      }
    });
  }
  clients.clear();
  CHECK(accepted == 10);
  CHECK(shown == 10);
  scene.host().await_rest(scene.app());
  CHECK_THAT(scene.host().answer(scene.app(), Color::blue), ContainsSubstring("v1"));
}
