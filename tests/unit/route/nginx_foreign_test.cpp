#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "route/nginx.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"

using namespace teal;
using namespace teal::route;

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds k_patience(10);

/// An nginx that was there before us, with a site of its own; and our router, told of its main file.
class ForeignNginx {
public:
  ForeignNginx() {
    m_settings.kind = RouterKind::nginx;
    m_settings.config = config().string();
    m_settings.bind = "127.0.0.1";
    fs::create_directories(m_folder.path() / "temp");
    write_config("");
    m_process = start_detached({.arguments = {"nginx", "-c", config().string()}, .environment = router_environment()},
                               m_folder.path() / "log");
    wait_until([&] { return own_site() == "theirs"; }, k_patience, "their nginx");
    m_router = make_router(m_settings, m_folder.path() / "router", router_environment());
  }
  ForeignNginx(const ForeignNginx&) = delete;
  ForeignNginx& operator=(const ForeignNginx&) = delete;
  ~ForeignNginx() { end_process(m_process, k_patience); }

  [[nodiscard]] Router& router() const { return *m_router; }
  [[nodiscard]] std::string own_site() const { return visit(m_port).body; }
  [[nodiscard]] fs::path config() const { return m_folder.path() / "nginx.conf"; }
  void include_ours() {
    write_config(fmt::format("include {};", (m_folder.path() / "router/nginx-part.conf").string()));
  }

private:
  void write_config(const std::string& more) const {
    std::string text = fmt::format("daemon off;\npid {}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n",
                                   m_folder.path().string());
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      text += fmt::format("{}_temp_path {}/temp/{};\n", kind, m_folder.path().string(), kind);
    }
    write_file(config(),
               fmt::format("{}access_log off;\nserver {{ listen 127.0.0.1:{}; location / {{ return 200 theirs; }} "
                           "}}\n{}\n}}\n",
                           text, m_port, more));
  }

  TempFolder m_folder;
  std::uint16_t m_port = free_port();
  ServerSettings::Router m_settings;
  ProcessId m_process;
  std::unique_ptr<Router> m_router;
};

} // namespace

TEST_CASE("an nginx of somebody else's serves our routes once it includes our part, and its own site all the while") {
  Backend blue("blue");
  ForeignNginx theirs;
  const std::uint16_t port = free_port();
  CHECK_THROWS_WITH(theirs.router().replace("shop", {route_at(port, {blue.server()})}),
                    ContainsSubstring("does not include tealhook's part") && ContainsSubstring("nginx-part.conf"));
  CHECK(theirs.own_site() == "theirs");

  theirs.include_ours();
  const std::string before = read_file(theirs.config());
  theirs.router().replace("shop", {route_at(port, {blue.server()})});
  CHECK(visit(port).body == "blue");
  CHECK(theirs.own_site() == "theirs");
  CHECK(read_file(theirs.config()) == before);
  CHECK(theirs.router().is_running());
}

TEST_CASE("an nginx of somebody else's is neither started nor stopped by us") {
  const ForeignNginx theirs;
  CHECK_THROWS_WITH(static_cast<void>(theirs.router().down()), ContainsSubstring("not tealhook's to stop"));
  CHECK(theirs.own_site() == "theirs");
}

TEST_CASE("somebody else's mistake in their nginx's configuration is told, and what was routed before still is") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  ForeignNginx theirs;
  theirs.include_ours();
  const std::uint16_t port = free_port();
  theirs.router().replace("shop", {route_at(port, {blue.server()})});
  const std::string good = read_file(theirs.config());
  write_file(theirs.config(), good + "nonsense;\n");
  CHECK_THROWS_WITH(theirs.router().replace("shop", {route_at(port, {green.server()})}), ContainsSubstring("nonsense"));
  CHECK(visit(port).body == "blue");
  write_file(theirs.config(), good);
  theirs.router().replace("shop", {route_at(port, {green.server()})});
  CHECK(visit(port).body == "green");
}
