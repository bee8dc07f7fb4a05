#include "support/scripted_home.hpp"
#include "unit/http/scripted_server.hpp"
#include "upkeep/restore.hpp"

using namespace teal;

namespace {

/// Several apps, of which each has a blue that serves and is live, by a router that knows nothing of it yet.
class RestoreTest : public RoutedHome {
protected:
  RestoreTest(const RestoreTest&) = delete;
  RestoreTest& operator=(const RestoreTest&) = delete;
  RestoreTest() {
    for (const std::string& app : m_apps) {
      const std::uint16_t base = m_next_port;
      m_next_port = static_cast<std::uint16_t>(m_next_port + 3);
      make_app(app, fmt::format("colors: {{blue: {{port: {}}}, green: {{port: {}}}}}\nroute: {{port: {}}}\n", base,
                                base + 1, base + 2));
      note_live(app, Color::blue, m_next_deployment);
      m_world->serve(app, Color::blue, m_next_deployment++);
    }
  }

  ~RestoreTest() { m_services.reset(); } // it holds a connection that the engine would wait for

  void note_live(const std::string& app, Color color, std::int64_t deployment) {
    m_store.traffic.move({.app = app,
                          .color = color,
                          .release = 0,
                          .deployment = deployment,
                          .commit = std::string(40, 'b'),
                          .who = "anna",
                          .at = {}});
  }
  bool restore_all() {
    m_told.clear();
    return restore(*m_services, m_store, [this](const std::string& line) { m_told.push_back(line); });
  }
  [[nodiscard]] bool is_live(const std::string& app) const {
    const auto current = m_world->current(app, Color::blue);
    return current && m_routes->behind(app, "live") == std::vector{current->id};
  }
  [[nodiscard]] bool was_told(const std::string& text) const {
    return std::any_of(m_told.begin(), m_told.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

  const std::vector<std::string> m_apps{"blog", "forum", "shop", "wiki"};
  std::uint16_t m_next_port = 50200;
  std::int64_t m_next_deployment = 1;
  std::vector<std::string> m_told;
  ScriptedServer m_engine{engine_socket(), [](int connection) {
                            while (!receive_head(connection).empty()) {
                              send_text(connection, "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 "
                                                    "(linux)\r\nContent-Length: 2\r\n\r\nOK");
                            }
                          }};
};

} // namespace

TEST_CASE_METHOD(RestoreTest, "the router is told of all apps and of those that are gone in one change") {
  m_routes->table = route::with_routes(m_routes->table, "gone", {{.app = "gone", .door = "live", .port = 50999}});
  CHECK(restore_all());
  CHECK(m_routes->changes == 1);
  for (const std::string& app : m_apps) {
    CHECK(is_live(app));
    CHECK(was_told(app + ": the router was told anew where its containers are"));
  }
  CHECK(m_routes->of("gone").empty());
  CHECK(was_told("gone: there is no such app any more, and the router forgot it"));
  CHECK(restore_all());
  CHECK(m_routes->changes == 1); // all is as it should be
  CHECK(m_told.empty());
}

TEST_CASE_METHOD(RestoreTest, "what the router refuses of one app keeps no other one from its routes") {
  m_routes->before_change = [](const route::Changes& changes) {
    if (changes.contains("forum")) {
      throw Error(ErrorKind::settings, "port 50204 is another app's");
    }
  };
  CHECK_FALSE(restore_all());
  CHECK(was_told("forum: port 50204 is another app's"));
  CHECK_FALSE(is_live("forum"));
  for (const char* app : {"blog", "shop", "wiki"}) {
    CHECK(is_live(app));
  }
}

TEST_CASE_METHOD(RestoreTest, "an app whose settings do not parse is told once and the others are routed") {
  write_file(m_home.app("blog").settings(), "colors: none\n");
  CHECK_FALSE(restore_all());
  CHECK(std::count_if(m_told.begin(), m_told.end(), [](const auto& line) { return line.starts_with("blog: "); }) == 1);
  CHECK(is_live("shop"));
}

TEST_CASE_METHOD(RestoreTest, "what ended is started again and gets requests once it is proven, and not before") {
  for (const char* app : {"blog", "wiki"}) {
    m_world->stop(app, Color::blue);
  }
  const std::string wiki = m_world->current("wiki", Color::blue)->id;
  const std::string blog = m_world->current("blog", Color::blue)->id;
  m_world->at("prove " + blog, [&] { CHECK(m_routes->behind("blog", "live").empty()); });
  m_world->at("prove " + wiki, failing("wiki-blue is not healthy"));
  CHECK_FALSE(restore_all());
  CHECK(is_live("blog"));
  CHECK_FALSE(is_live("wiki"));
  CHECK(was_told("wiki-blue: was started again, but wiki-blue is not healthy"));
  CHECK(m_routes->changes == 2); // what ran already, then what was proven
}

TEST_CASE_METHOD(RestoreTest, "what runs and is not healthy gets no requests that it did not get before") {
  const std::string id = m_world->current("shop", Color::blue)->id;
  m_world->at("probe " + id, failing("GET / -> 500", ErrorKind::timeout));
  CHECK_FALSE(restore_all());
  CHECK_FALSE(is_live("shop"));
  CHECK(was_told("shop-blue: runs, but gets no requests: GET / -> 500"));
  const auto calls = m_world->calls();
  CHECK(std::count(calls.begin(), calls.end(), "probe " + id) == 1);
  m_world->at("probe " + id, {});
  CHECK(restore_all());
  m_world->at("probe " + id, failing("GET / -> 500", ErrorKind::timeout));
  CHECK(restore_all()); // who has it routed goes on having it
  CHECK(is_live("shop"));
}

TEST_CASE_METHOD(RestoreTest, "an app at which a runner works is left to it") {
  const auto held = FileLock::try_acquire(m_home.app("shop").lock());
  CHECK(restore_all());
  CHECK(was_told("shop: a runner is at work, and sees to it"));
  CHECK_FALSE(is_live("shop"));
  CHECK(is_live("blog"));
}

TEST_CASE_METHOD(RestoreTest, "a router that a person took down stays so, with routes for when it is up again") {
  std::filesystem::create_directories(m_home.router());
  write_file(m_home.router_taken_down(), "ada\n");
  m_routes->is_running = false;
  restore_all();
  CHECK_FALSE(m_routes->is_running);
  CHECK(was_told("the router was taken down by ada; start it: tealhook router up"));
  CHECK(is_live("shop"));
}

TEST_CASE_METHOD(RestoreTest, "the store follows what the router says is live") {
  CHECK(restore_all());
  note_live("shop", Color::green, 99);
  CHECK(restore_all());
  CHECK(was_told("shop: live traffic goes to blue, as the router says"));
  CHECK(m_store.traffic.live("shop").value().color == Color::blue);
}

TEST_CASE_METHOD(RestoreTest,
                 "an app that nothing was deployed to has no routes, and is looked at with the others only") {
  make_app("empty", "colors: {blue: {port: 50300}, green: {port: 50301}}\nroute: {port: 50302}\n");
  CHECK(restore_all());
  CHECK(m_routes->of("empty").empty());
  CHECK(m_world->was_called("settle shop-blue"));
  CHECK_FALSE(m_world->was_called("settle empty-blue"));
}

TEST_CASE_METHOD(RestoreTest, "an app that was deployed and of which nothing is left has routes, to nothing") {
  make_app("empty", "colors: {blue: {port: 50300}, green: {port: 50301}}\nroute: {port: 50302}\n");
  note_live("empty", Color::blue, 99);
  CHECK(restore_all());
  CHECK(m_routes->of("empty").size() == 3);
  CHECK(m_routes->behind("empty", "live").empty());
  m_world->forget_calls();
  CHECK(restore_all());
  CHECK_FALSE(m_world->was_called("settle empty-blue"));
}
