#include "config_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("where live traffic comes in, and what else runs, is read from app.yml") {
  const AppSettings settings = app_with("route: {port: 8090, hosts: [shop.example.com, www.example.com], path: /shop,\n"
                                        "        certificate: /etc/c.pem, key: /etc/k.pem, tls: automatic}\n"
                                        "deploy: {drain: 3s, keep_idle: false, before_switch: [bin/migrate, [a, b]]}\n"
                                        "health: {settle: 2s}\n"
                                        "run: {processes: {worker: [bin/worker, -v], clock: bin/clock}}\n");
  CHECK(settings.route.port == 8090);
  CHECK(settings.route.hosts == std::vector<std::string>{"shop.example.com", "www.example.com"});
  CHECK(settings.route.path == "/shop");
  CHECK(settings.route.certificate == "/etc/c.pem");
  CHECK(settings.route.key == "/etc/k.pem");
  CHECK(settings.route.tls == RouteSettings::Tls::automatic);
  CHECK(settings.deploy.drain == Milliseconds(3000));
  CHECK_FALSE(settings.deploy.keep_idle);
  CHECK(settings.deploy.before_switch ==
        std::vector<std::vector<std::string>>{{"/bin/sh", "-c", "bin/migrate"}, {"a", "b"}});
  CHECK(settings.health.settle == Milliseconds(2000));
  CHECK(settings.run.processes.at("worker") == std::vector<std::string>{"bin/worker", "-v"});
  CHECK(settings.run.processes.at("clock") == std::vector<std::string>{"/bin/sh", "-c", "bin/clock"});
}

TEST_CASE("what a router could not route is refused with its place") {
  CHECK_THAT(app_complaint("route: {hosts: [Shop.example.com]}"), ContainsSubstring("app.yml:2: 'route.hosts' has"));
  CHECK_THAT(app_complaint("route: {hosts: ['a b']}"), ContainsSubstring("give a host name"));
  CHECK_THAT(app_complaint("route: {path: 'shop'}"), ContainsSubstring("'route.path' is 'shop'"));
  CHECK_THAT(app_complaint("route: {path: '/a b'}"), ContainsSubstring("give a path"));
  CHECK_THAT(app_complaint("route: {port: 65536}"), ContainsSubstring("or 0 for none"));
  CHECK_THAT(app_complaint("route: {tls: yes-please}"), ContainsSubstring("give one of none, automatic"));
  CHECK_THAT(app_complaint("run: {processes: {Worker: a}}"), ContainsSubstring("has the name 'Worker'"));
  CHECK_THAT(app_complaint("run: {processes: {next: a}}"), ContainsSubstring("not 'next', 'retired' or 'task'"));
  CHECK_THAT(app_complaint("run: {processes: [a]}"), ContainsSubstring("is no map"));
  CHECK_THAT(app_complaint("deploy: {before_switch: {a: b}}"), ContainsSubstring("is no list"));
  CHECK_THAT(app_complaint("deploy: {keep_idle: maybe}"), ContainsSubstring("give one of true, false"));
}
