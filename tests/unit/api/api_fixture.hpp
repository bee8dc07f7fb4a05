/// @file
/// ApiFixture: the API on a real server, of a home with an app whose blue repository has a commit, no engine, and a
/// runner that only says that it was started.
#pragma once

#include "access/token.hpp"
#include "api/api.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"
#include "unit/git/git_fixture.hpp"
#include "unit/http/raw_client.hpp"
#include "unit/store/store_fixture.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <string>

namespace teal {

/// A clock that the test sets while the API works.
class SharedClock final : public Clock {
public:
  [[nodiscard]] TimePoint now() const override { return TimePoint(Milliseconds(m_time)); }
  void advance(Milliseconds time) { m_time += time.count(); }

private:
  std::atomic<std::int64_t> m_time{1'700'000'000'000};
};

class ApiFixture : public git::GitFixture {
protected:
  static constexpr const char* k_settings = "# ours\ncolors: {blue: {port: 50101}, green: {port: 50100}}\n"
                                            "run:\n  env: {KEY: verysecret} # a comment\n";

  ApiFixture() {
    files::create_directories(m_home.app("shop").logs());
    files::create_directories(m_home.build_locks());
    files::create_directories(m_installation.tool().parent_path());
    write_file(m_installation.tool(), "#!/bin/sh\nexit 0\n", 0755);
    write_file(m_home.settings(), fmt::format("engine: {{host: 'unix://{}'}}\n", (folder() / "no.sock").string()));
    write_file(m_home.app("shop").settings(), k_settings, 0600);
    write("file", "1");
    m_commit = commit("Fix login");
    git({"clone", "--quiet", "--bare", ".", m_home.app("shop").repository(Color::blue).string()});
    m_root = add_token("root", "*", "read,logs,push,deploy,switch,rollback,freeze,manage");
    m_reader = add_token("reader", "shop", "read,logs");
  }

  std::string add_token(const std::string& name, const std::string& app, const std::string& verbs) {
    std::string secret = make_token();
    m_store.principals.add({.principal = {.kind = Principal::Kind::api_token,
                                          .name = name,
                                          .grants = {{.app = app, .verbs = parse_verbs(verbs)}}},
                            .proof = hash_of_token(secret)},
                           m_person);
    return secret;
  }
  void remove_token(const std::string& name) {
    CHECK(m_store.principals.remove(Principal::Kind::api_token, name, m_person));
  }

  [[nodiscard]] std::uint16_t port() const { return m_server->addresses().front().port; }
  http::Response ask(const std::string& method, const std::string& path, const std::string& token,
                     const std::string& body = "", http::Headers headers = {}) const {
    if (!token.empty()) {
      headers.emplace("Authorization", "Bearer " + token);
    }
    if (!body.empty()) {
      headers.emplace("Content-Type", "application/json");
    }
    return http::Client({.kind = http::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = port()})
        .request({.method = method, .target = "/api/v1" + path, .headers = headers, .body = body});
  }
  http::Response get(const std::string& path) const { return ask("GET", path, m_root); }
  http::Response post(const std::string& path, const std::string& body, const http::Headers& headers = {}) const {
    return ask("POST", path, m_root, body, headers);
  }
  static boost::json::value json_of(const http::Response& response) {
    INFO(response.status << " " << response.body);
    return boost::json::parse(response.body);
  }
  /// Why it was refused, with what status.
  static std::string refusal(const http::Response& response, int status) {
    INFO(response.body);
    CHECK(response.status == status);
    CHECK(response.headers.at("content-type") == "application/problem+json");
    const auto problem = boost::json::parse(response.body);
    CHECK(problem.at("status") == status);
    return std::string(problem.at("detail").as_string());
  }
  std::int64_t queue_deployment() { return m_store.queue.enqueue(event_of("shop"), Color::blue).deployment.id; }

  struct Door final : http::Handler {
    explicit Door(api::Api& asked) : api(asked) {}
    std::variant<http::Admission, http::ServerResponse> admit(const http::ServerRequest& head) override {
      return api.admit(head, head.peer);
    }
    http::ServerResponse reword(const http::ServerRequest& /*head*/, http::ServerResponse refusal) override {
      return api::Api::reword(refusal);
    }
    void handle(http::ServerRequest request, http::Responder responder) override {
      const std::string client = request.peer;
      api.handle(std::move(request), client, std::move(responder));
    }
    api::Api& api;
  };

  Home m_home{folder() / "home"};
  Installation m_installation{folder() / "prefix"};
  SharedClock m_clock;
  struct Folders {
    explicit Folders(const Home& home) { files::create_directories(home.root); }
  } m_folders{m_home};
  Store m_store{m_home.store(), m_clock};
  Principal m_person{.kind = Principal::Kind::local_user, .name = "ann", .grants = {}};
  std::string m_commit;
  std::string m_root;
  std::string m_reader;
  std::atomic<int> m_counted{0};
  api::Api m_api{{.place = {m_home, environment(), m_installation, m_clock},
                  .report = [](const std::string&) {},
                  .count = [this](int) { ++m_counted; },
                  .deadline = std::chrono::seconds(30),
                  .heartbeat = Milliseconds(50)}};
  Door m_door{m_api};
  std::unique_ptr<http::Server> m_server = std::make_unique<http::Server>(
      http::ServerSettings{.listen = {{"127.0.0.1", 0}}, .tls = {}, .limits = {}}, m_door);
};

} // namespace teal
