#include "config/loader.hpp"
#include "config_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("an unknown key is refused with its place and the key that was meant") {
  CHECK(app_complaint("helth: {path: /}") == "app.yml:2: unknown key 'helth' (did you mean 'health'?)");
  CHECK(app_complaint("health:\n  path: /\n  intervall: 1s") ==
        "app.yml:4: unknown key 'health.intervall' (did you mean 'health.interval'?)");
  CHECK(app_complaint("contaner_prot: 1") == "app.yml:2: unknown key 'contaner_prot' (did you mean 'container_port'?)");
}

TEST_CASE("a key that nothing is like is refused without a guess") {
  for (const std::string key : {"serve", "rules", "targets", "sources", "<<", "x"}) {
    CHECK(app_complaint(key + ": 1") ==
          "app.yml:2: unknown key '" + key + "': it is not known to this version of tealhook");
  }
  CHECK(app_complaint("deploy: {quiet: 1s}") ==
        "app.yml:2: unknown key 'deploy.quiet': it is not known to this version of tealhook");
}

TEST_CASE("an unknown key is shown printable and short") {
  CHECK_THAT(app_complaint("\"\\e[31m\": 1"), ContainsSubstring("unknown key '?[31m'"));
  CHECK(app_complaint(std::string(900, 'k') + ": 1").size() < 200);
}

TEST_CASE("a bad value is refused with its place, its key and what to give") {
  CHECK(app_complaint("\nhealth:\n  interval: 5") ==
        "app.yml:4: 'health.interval' is '5': give a duration such as 100ms, 2s or 1m, at most 1m");
  CHECK(app_complaint("branches:\n- main\n- 'a b'") ==
        "app.yml:4: 'branches' has 'a b': give branch names as git has them, such as main or release/1.0");
  CHECK(app_complaint("bind:") ==
        "app.yml:2: 'bind' has no value: give an IPv4 or IPv6 address such as 127.0.0.1 or ::");
}

TEST_CASE("a section may be empty, and is a map otherwise") {
  CHECK(app_complaint("build:\nhealth: {}\n").empty());
  CHECK(app_complaint("build: web") == "app.yml:2: 'build' is a section: give keys below it, such as 'build.context'");
  CHECK(app_complaint("run: [a]") == "app.yml:2: 'run' is a section: give keys below it, such as 'run.env'");
}

TEST_CASE("a file that is no map is refused") {
  CHECK(complaint_of([] {
          static_cast<void>(parse_server_settings({"tealhook.yml", "just text"}));
        }) == "tealhook.yml:1: no settings: give 'key: value' lines");
}

TEST_CASE("a pushed file names no key of the server's") {
  for (const std::string yaml : {"container_port: 80", "bind: 0.0.0.0", "branches: [x]", "colors: {blue: {port: 1}}",
                                 "deploy: {order: stop-first}", "run: {memory: 1m}", "run: {env_file: /etc/shadow}",
                                 "run: {networks: [x]}", "run: {args: [x]}", "run: {cpus: 1}"}) {
    INFO(yaml);
    CHECK_THAT(pushed_complaint(yaml), ContainsSubstring("can only be set in app.yml on the server"));
  }
  CHECK(pushed_complaint("health:\n  path: /\nrun:\n  volumes: ['/:/host']\n") ==
        "1a2b3c4:.tealhook.yml:4: 'run.volumes' can only be set in app.yml on the server");
  CHECK_THAT(pushed_complaint("engine: {host: x}"), ContainsSubstring("unknown key 'engine'"));
}

TEST_CASE("a layer tells where each of its keys stands") {
  ServerSettings settings;
  const auto keys = schema_of(settings);
  const Origins origins =
      read_layer(keys, {"tealhook.yml", "limits:\n  builds: 3\nengine: {cli: podman}\n"}, SettingKey::Trust::server);
  CHECK(origins == Origins{{"limits.builds", "tealhook.yml:2"}, {"engine.cli", "tealhook.yml:3"}});
  CHECK(settings.limits.builds == 3);
  CHECK(settings.engine.cli == "podman");
}
