#include "core/error.hpp"
#include "http/certificate.hpp"
#include "process/atomic_file.hpp"
#include "support/certificate.hpp"
#include "support/https.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"

#include <sys/stat.h>

#include <iterator>

using namespace teal;
using namespace teal::route;

namespace {

namespace fs = std::filesystem;

std::string visit_by_tls(const TestRouter& router, const std::string& host, const fs::path& trusted,
                         const std::string& path = "/") {
  return https_get(host, router.settings().tls_listen, trusted, path);
}

Tls given(const TestCertificate& files) {
  return {.certificate = files.certificate.string(),
          .key = files.key.string(),
          .digest = http::read_certificate(files.certificate_text(), files.key_text()).digest,
          .automatic = false};
}

Route secure_route(const std::string& host, const Server& server, const std::string& app, const Tls& tls) {
  Route route = route_by(host, "/", {server}, app);
  route.tls = tls;
  return route;
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

TEST_CASE("apps share the TLS port by host name, each with a certificate of its own") {
  Backend shop("shop", "127.0.0.2");
  Backend blog("blog", "127.0.0.3");
  const TempFolder folder;
  const TestCertificate of_shop = make_certificate(folder.path(), "shop.test");
  const TestCertificate of_blog = make_certificate(folder.path(), "blog.test");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->up();
  router->replace("shop", {secure_route("shop.test", shop.server(), "shop", given(of_shop))});
  router->replace("blog", {secure_route("blog.test", blog.server(), "blog", given(of_blog))});
  CHECK(visit_by_tls(router, "shop.test", of_shop.certificate) == "shop");
  CHECK(visit_by_tls(router, "blog.test", of_blog.certificate) == "blog");
  CHECK(visit_by_tls(router, "blog.test", of_shop.certificate).empty());
  CHECK(visit(router.settings().listen, "/", "shop.test").body == "shop");
}

TEST_CASE("who asks for an unknown host by TLS gets no app's page") {
  Backend shop("shop", "127.0.0.2");
  const TempFolder folder;
  const TestCertificate all = make_certificate(folder.path(), "*.example.test");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->up();
  router->replace("shop", {secure_route("shop.example.test", shop.server(), "shop", given(all))});
  CHECK(visit_by_tls(router, "shop.example.test", all.certificate) == "shop");
  CHECK(visit_by_tls(router, "other.example.test", all.certificate).empty());
}

TEST_CASE("a path of a host is another app's by TLS as well, even if only the host's app names a certificate") {
  Backend shop("shop", "127.0.0.2");
  Backend api("api", "127.0.0.3");
  const TempFolder folder;
  const TestCertificate of_shop = make_certificate(folder.path(), "shop.test");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->up();
  router->replace("api", {route_by("shop.test", "/api", {api.server()}, "api")});
  router->replace("shop", {secure_route("shop.test", shop.server(), "shop", given(of_shop))});
  CHECK(visit_by_tls(router, "shop.test", of_shop.certificate, "/api") == "api");
  CHECK(visit_by_tls(router, "shop.test", of_shop.certificate) == "shop");
}

TEST_CASE("a program behind TLS is told so") {
  Backend shop("shop", "127.0.0.2");
  const TempFolder folder;
  const TestCertificate of_shop = make_certificate(folder.path(), "shop.test");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->up();
  router->replace("shop", {secure_route("shop.test", shop.server(), "shop", given(of_shop))});
  std::string head = visit_by_tls(router, "shop.test", of_shop.certificate, "/head");
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  CHECK_THAT(head, ContainsSubstring("x-forwarded-proto: https"));
}

TEST_CASE("a renewed certificate is the one that visitors see, and the old one is forgotten") {
  Backend shop("shop", "127.0.0.2");
  const TempFolder folder;
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->up();
  for (int i = 0; i < 3; ++i) {
    const TestCertificate renewed = make_certificate(folder.path(), "shop.test");
    router->replace("shop", {secure_route("shop.test", shop.server(), "shop", given(renewed))});
    CHECK(visit_by_tls(router, "shop.test", renewed.certificate) == "shop");
  }
  const fs::path kept = router.folder() / "certificates";
  CHECK(files_in(kept) == 1);
  for (const auto& entry : fs::directory_iterator(kept)) {
    struct ::stat facts {};
    REQUIRE(::stat(entry.path().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600U);
  }
  router->replace("shop", {});
  CHECK(files_in(kept) == 0);
}

TEST_CASE("a certificate that is broken is refused, and neither its app nor another one suffers") {
  Backend shop("shop", "127.0.0.2");
  Backend blog("blog", "127.0.0.3");
  const TempFolder folder;
  const TestCertificate files = make_certificate(folder.path(), "shop.test");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->up();
  router->replace("shop", {secure_route("shop.test", shop.server(), "shop", given(files))});
  const fs::path trusted = folder.path() / "trusted.crt";
  fs::copy(files.certificate, trusted);

  Tls broken = given(files);
  write_file(files.certificate, "no certificate\n");
  broken.digest = "broken";
  CHECK_THROWS_AS(router->replace("shop", {secure_route("shop.test", shop.server(), "shop", broken)}), Error);
  CHECK(visit_by_tls(router, "shop.test", trusted) == "shop");
  fs::remove(files.certificate);
  broken.digest = "gone";
  CHECK_THROWS_WITH(router->replace("shop", {secure_route("shop.test", shop.server(), "shop", broken)}),
                    ContainsSubstring(files.certificate.string()));

  router->replace("blog", {route_by("blog.test", "/", {blog.server()}, "blog")});
  CHECK(visit(router.settings().listen, "/", "blog.test").body == "blog");
  CHECK(visit_by_tls(router, "shop.test", trusted) == "shop");
  router->down();
  router->up();
  CHECK(visit_by_tls(router, "shop.test", trusted) == "shop");
}

TEST_CASE("Caddy makes a certificate by itself, and no other program of the host trusts it for that") {
  Backend shop("shop", "127.0.0.2");
  const TestRouter router(RouterKind::caddy);
  router->up();
  const Tls automatic{.certificate = "", .key = "", .digest = "", .automatic = true};
  router->replace("shop", {secure_route("shop.localhost", shop.server(), "shop", automatic)});
  const fs::path authority = router.folder() / "caddy-data/pki/authorities/local/root.crt";
  wait_until([&] { return visit_by_tls(router, "shop.localhost", authority) == "shop"; }, std::chrono::seconds(10),
             "Caddy to make a certificate");
  CHECK(visit_by_tls(router, "shop.localhost", "/etc/ssl/certs/ca-certificates.crt").empty());
}
