// An app that is served by host name and TLS: what visitors, check and a push see of its certificate.
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/free_port.hpp"
#include "support/https.hpp"
#include "support/kernel.hpp"
#include "support/served_app.hpp"
#include "support/temp_folder.hpp"

#include <boost/json/parse.hpp>

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

} // namespace

TEST_CASE("an app is served by host name and TLS, and a broken certificate keeps nobody from its page") {
  const std::string router = GENERATE(as<std::string>(), "haproxy", "nginx", "caddy");
  let_kernel_hand_connections_over();
  TestHost host(router);
  const std::string app = host.create_app();
  const Project project(host);
  const std::uint16_t port = free_port();
  const ChangedFile listen(host.home().settings(), "#listen: 8080", fmt::format("listen: {}", free_port()));
  const ChangedFile tls_listen(host.home().settings(), "#tls_listen: 8443", fmt::format("tls_listen: {}", port));
  const TempFolder folder;
  const TestCertificate files = make_certificate(folder.path(), "shop.test");
  const auto trusted = folder.path() / "trusted.crt";
  std::filesystem::copy(files.certificate, trusted);
  host.set_settings(app, "");
  const ChangedFile route(host.home().app(app).settings(), fmt::format("route: {{port: {}}}", host.live_port(app)),
                          fmt::format("route: {{port: 0, hosts: [shop.test], certificate: {}, key: {}}}",
                                      files.certificate.string(), files.key.string()));
  const auto push_live = [&](const char* version) {
    project.commit(version);
    return what_was_told(project.push(host.home().app(app).live_repository()));
  };

  CHECK_THAT(push_live("v1"),
             ContainsSubstring("\nlive in ") && ContainsSubstring(fmt::format("https://shop.test:{}/", port)));
  CHECK_THAT(https_get("shop.test", port, trusted), ContainsSubstring("v1"));
  CHECK_THAT(text_of(certificate_in_check(host, app)), ContainsSubstring("is valid until"));

  write_file(files.certificate, "no certificate\n");
  const json::value broken = certificate_in_check(host, app);
  CHECK(broken.at("good") == false);
  CHECK_THAT(text_of(broken), ContainsSubstring(files.certificate.string()));
  const std::string told = push_live("v2");
  CHECK_THAT(told, ContainsSubstring("the certificate is no PEM file") && ContainsSubstring("\nFAILED in "));
  CHECK_THAT(told, !ContainsSubstring("\nbuild "));
  CHECK_THAT(https_get("shop.test", port, trusted), ContainsSubstring("v1"));

  const TestCertificate renewed = make_certificate(folder.path(), "shop.test");
  CHECK_THAT(host.tealhook_ok({"recover"}), ContainsSubstring("the router was told anew"));
  CHECK_THAT(https_get("shop.test", port, renewed.certificate), ContainsSubstring("v1"));
  CHECK_THAT(push_live("v3"), ContainsSubstring("\nlive in "));
  CHECK_THAT(https_get("shop.test", port, renewed.certificate), ContainsSubstring("v3"));
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
