#include "route/generation.hpp"
#include "route/haproxy_config.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::route;

namespace {

const Server k_server{.container = "0123456789abcdef", .address = "172.18.0.2", .port = 8080, .weight = 70};

Route own_port(const std::string& bind = "0.0.0.0") {
  Route route;
  route.app = "shop";
  route.door = "live";
  route.bind = bind;
  route.port = 8000;
  route.servers = {k_server};
  return route;
}

Route shared_port(const std::string& app, const std::string& path = "/") {
  Route route;
  route.app = app;
  route.door = "live";
  route.hosts = {"example.com", "www.example.com"};
  route.path = path;
  return route;
}

std::string config(const std::vector<Route>& routes) {
  return haproxy_config({routes}, ServerSettings::Router(), "/srv/router", 7);
}

bool is_before(const std::string& text, const std::string& first, const std::string& second) {
  return text.find(first) < text.find(second) && text.find(second) != std::string::npos;
}

} // namespace

TEST_CASE("HAProxy's configuration sends a port of its own to the route's servers") {
  const std::string text = config({own_port()});
  CHECK_THAT(text, ContainsSubstring("frontend ports\n    bind 0.0.0.0:8000 name shop-live\n"));
  CHECK_THAT(text, ContainsSubstring("    use_backend %[so_name]\n"));
  CHECK_THAT(text, ContainsSubstring("backend shop-live\n    balance roundrobin\n"));
  CHECK_THAT(text, ContainsSubstring("    server c-0123456789ab 172.18.0.2:8080 weight 70\n"));
}

TEST_CASE("HAProxy's configuration writes an IPv6 address in brackets") {
  CHECK_THAT(config({own_port("::")}), ContainsSubstring("    bind [::]:8000 name shop-live\n"));
}

TEST_CASE("HAProxy's configuration says which one it is") {
  CHECK_THAT(config({}), ContainsSubstring("    description " + generation_mark(7) + "\n"));
  CHECK(generation_mark(7) != generation_mark(8));
}

TEST_CASE("HAProxy's configuration names the app where nothing serves") {
  Route route = own_port();
  route.hosts = {"example.com"};
  route.servers.clear();
  const std::string text = config({route});
  CHECK_THAT(text, ContainsSubstring("http-error status 503") &&
                       ContainsSubstring("\"shop: no container serves live now\\n\""));
  CHECK_THAT(text, !ContainsSubstring("    server "));
}

TEST_CASE("HAProxy's configuration has a backend for each way in of an app that has a server, and none for others'") {
  Route green = own_port();
  green.door = "green";
  green.servers.clear();
  Route other = own_port();
  other.app = "blog";
  other.servers.clear();
  const std::string text = config({other, green, own_port()});
  CHECK_THAT(text, ContainsSubstring(" name blog-live\n") && !ContainsSubstring("backend blog-live\n"));
  CHECK_THAT(text, ContainsSubstring("\nbackend shop-green\n") && ContainsSubstring("\nbackend shop-live\n"));
}

TEST_CASE("HAProxy's configuration opens the shared port only where an app wants it") {
  CHECK_THAT(config({own_port()}), !ContainsSubstring("frontend shared"));
  CHECK_THAT(config({shared_port("shop")}), ContainsSubstring("frontend shared\n    bind 0.0.0.0:8080\n"));
}

TEST_CASE("HAProxy's configuration tries longer paths first") {
  const std::string text = config({shared_port("all"), shared_port("some", "/api"), shared_port("few", "/api/v2")});
  CHECK(is_before(text, "use_backend few-live", "use_backend some-live"));
  CHECK(is_before(text, "use_backend some-live", "use_backend all-live"));
}

TEST_CASE("HAProxy's configuration takes whole segments of a path") {
  const std::string text = config({shared_port("shop", "/api")});
  CHECK_THAT(text, ContainsSubstring("{ path /api }"));
  CHECK_THAT(text, ContainsSubstring("{ path_beg /api/ }"));
  CHECK_THAT(config({shared_port("shop", "/api/")}), ContainsSubstring("{ path_beg /api/ }"));
}

TEST_CASE("HAProxy's configuration opens the TLS port only where a route has a certificate") {
  Route route = shared_port("shop");
  CHECK_THAT(config({route}), !ContainsSubstring(" ssl "));
  route.tls = Tls{.certificate = "/etc/shop.crt", .key = "/etc/shop.key", .digest = "abc", .automatic = false};
  CHECK_THAT(config({route}),
             ContainsSubstring("    bind 0.0.0.0:8443 ssl crt /srv/router/certificates/abc.pem alpn h2,http/1.1\n"));
  Route other = shared_port("other");
  other.tls = route.tls;
  CHECK_THAT(config({route, other}), ContainsSubstring(" ssl crt /srv/router/certificates/abc.pem alpn"));
}

TEST_CASE("a server that has peers is looked at, and is another one than it is alone") {
  Server server{.container = std::string(64, 'a'), .address = "172.18.0.2", .port = 8080};
  CHECK(haproxy_server_name(server) == "c-aaaaaaaaaaaa");
  CHECK(haproxy_server_options(server) == "172.18.0.2:8080 weight 100");
  server.has_peers = true;
  CHECK(haproxy_server_name(server) == "p-aaaaaaaaaaaa");
  CHECK(is_haproxy_server_name(haproxy_server_name(server)));
  CHECK(container_begin(haproxy_server_name(server)) == "aaaaaaaaaaaa");
  CHECK_THAT(haproxy_server_options(server), ContainsSubstring(" check "));
}
