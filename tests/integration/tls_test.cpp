// An app that is served by host name and TLS: what visitors, check and a push see of its certificate.
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/free_port.hpp"
#include "support/https.hpp"
#include "support/kernel.hpp"
#include "support/served_app.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>

#include <future>
#include <optional>

using namespace teal;

namespace {

namespace json = boost::json;

/// The finding of `check APP` on its certificate.
json::value certificate_in_check(const TestHost& host, const std::string& app) {
  const json::value checked = json::parse(host.tealhook({"check", app, "--json"}).output);
  for (const json::value& finding : checked.at("findings").as_array()) {
    if (finding.at("subject").as_string() == app + ": certificate") {
      return finding;
    }
  }
  return nullptr;
}

std::string text_of(const json::value& finding) {
  return std::string(finding.at("text").as_string());
}

/// An app of the host name shop.test, with a certificate of its own.
class SecureApp {
public:
  explicit SecureApp(const std::string& router, std::vector<std::string> program = {})
      : m_host(router), m_name(m_host.create_app()), m_project(m_host, std::move(program)),
        m_listen(m_host.home().settings(), "#listen: 8080", fmt::format("listen: {}", free_port())),
        m_tls_listen(m_host.home().settings(), "#tls_listen: 8443", fmt::format("tls_listen: {}", m_port)) {
    std::filesystem::copy(m_files.certificate, m_first);
    m_host.set_settings(m_name, "");
    m_route.emplace(m_host.home().app(m_name).settings(), fmt::format("route: {{port: {}}}", m_host.live_port(m_name)),
                    fmt::format("route: {{port: 0, hosts: [shop.test], certificate: {}, key: {}}}",
                                m_files.certificate.string(), m_files.key.string()));
  }

  [[nodiscard]] TestHost& host() { return m_host; }
  [[nodiscard]] const std::string& name() const { return m_name; }
  [[nodiscard]] std::uint16_t port() const { return m_port; }
  [[nodiscard]] const std::filesystem::path& certificate() const { return m_files.certificate; }

  std::string push_live(const char* version) {
    m_project.commit(version);
    return push_commit();
  }
  [[nodiscard]] std::string push_commit() {
    return what_was_told(m_project.push(m_host.home().app(m_name).live_repository()));
  }
  [[nodiscard]] const Project& project() const { return m_project; }
  /// The page, as somebody sees it who trusts the app's first certificate only.
  [[nodiscard]] std::string page() const { return page(m_first); }
  [[nodiscard]] std::string page(const std::filesystem::path& trusted) const {
    return https_get("shop.test", m_port, trusted);
  }
  void break_certificate() const { write_file(m_files.certificate, "no certificate\n"); }
  void renew_certificate() { m_files = make_certificate(m_folder.path(), "shop.test"); }

private:
  TestHost m_host;
  std::string m_name;
  Project m_project;
  std::uint16_t m_port = free_port();
  ChangedFile m_listen;
  ChangedFile m_tls_listen;
  TempFolder m_folder;
  TestCertificate m_files = make_certificate(m_folder.path(), "shop.test");
  std::filesystem::path m_first = m_folder.path() / "trusted.crt";
  std::optional<ChangedFile> m_route;
};

} // namespace

TEST_CASE("an app is served by host name and TLS, and a broken certificate keeps nobody from its page") {
  const std::string router = GENERATE(as<std::string>(), "haproxy", "nginx", "caddy");
  let_kernel_hand_connections_over();
  SecureApp app(router);

  CHECK_THAT(app.push_live("v1"),
             ContainsSubstring("\nlive in ") && ContainsSubstring(fmt::format("https://shop.test:{}/", app.port())));
  CHECK_THAT(app.page(), ContainsSubstring("v1"));
  CHECK_THAT(text_of(certificate_in_check(app.host(), app.name())), ContainsSubstring("is valid until"));

  app.break_certificate();
  const json::value broken = certificate_in_check(app.host(), app.name());
  CHECK(broken.at("good") == false);
  CHECK_THAT(text_of(broken), ContainsSubstring(app.certificate().string()));
  const std::string told = app.push_live("v2");
  CHECK_THAT(told, ContainsSubstring("the certificate is no PEM file") && ContainsSubstring("\nFAILED in "));
  CHECK_THAT(told, !ContainsSubstring("\nbuild "));
  CHECK_THAT(app.page(), ContainsSubstring("v1"));

  app.renew_certificate();
  app.host().await_rest(app.name());
  CHECK_THAT(app.host().tealhook_ok({"recover"}), ContainsSubstring("the router was told anew"));
  CHECK_THAT(app.page(app.certificate()), ContainsSubstring("v1"));
  CHECK_THAT(app.push_live("v3"), ContainsSubstring("\nlive in "));
  CHECK_THAT(app.page(app.certificate()), ContainsSubstring("v3"));
}

TEST_CASE("a certificate that breaks while a deployment runs fails it, and nothing of it stays") {
  SecureApp app("haproxy", {"--delay", "2"});
  REQUIRE_THAT(app.push_live("v1"), ContainsSubstring("\nlive in "));

  app.project().commit("v2");
  auto pushed = std::async(std::launch::async, [&] { return app.push_commit(); }); // Catch has no locks: no assertion
  const auto successors = [&] {
    return app.host().docker({"ps", "-aq", "--filter", fmt::format("name=^{}-.*-next$", app.name())});
  };
  wait_until([&] { return !successors().empty(); }, std::chrono::seconds(30), "the new container");
  app.break_certificate();
  CHECK_THAT(pushed.get(), ContainsSubstring("the certificate is no PEM file") && ContainsSubstring("\nFAILED in ") &&
                               !ContainsSubstring("putting back what ran failed"));
  CHECK(successors().empty());
  CHECK_THAT(app.page(), ContainsSubstring("v1"));
}

TEST_CASE("a port that another app has by hand is told by check and by a push, and leads where it did") {
  TestHost host("haproxy");
  const std::string shop = host.create_app();
  const std::string blog = host.create_app();
  const Project project(host);
  project.commit("v1");
  CHECK_THAT(what_was_told(project.push(host.home().app(shop).live_repository())), ContainsSubstring("\nlive in "));
  const ChangedFile port(host.home().app(blog).settings(), fmt::format("port: {}", host.live_port(blog)),
                         fmt::format("port: {}", host.live_port(shop)));
  const std::string wanted = fmt::format("port {} is wanted by both", host.live_port(shop));
  CHECK_THAT(host.tealhook({"check", blog}).output, ContainsSubstring(wanted));
  project.commit("v2");
  const std::string told = what_was_told(project.push(host.home().app(blog).live_repository()));
  CHECK_THAT(told, ContainsSubstring(wanted) && ContainsSubstring("\nFAILED in ") && !ContainsSubstring("\nbuild "));
  CHECK_THAT(host.live_answer(shop), ContainsSubstring("v1"));
}
