#include "config/load.hpp"
#include "config_fixture.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace teal;

namespace {

SettingValue described(const std::vector<SettingValue>& values, const std::string& key) {
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const SettingValue& value) { return value.key == key; });
  REQUIRE(found != values.end());
  return *found;
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

/// Gives up root's right to read everything for as long as it lives.
class WithoutPrivileges {
public:
  WithoutPrivileges() {
    if (::geteuid() == 0) {
      m_changed = ::seteuid(65534) == 0;
    }
  }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;
  ~WithoutPrivileges() {
    if (m_changed && ::seteuid(0) != 0) {
      std::abort();
    }
  }

private:
  bool m_changed = false;
};

} // namespace

TEST_CASE("an app needs no more than its ports, and the rest has defaults") {
  const AppSettings app = app_with("");
  CHECK(app.container_port == 0);
  CHECK_FALSE(app.health.is_told);
  CHECK(app.ports == std::map<Color, std::uint16_t>{{Color::blue, 50101}, {Color::green, 50100}});
  CHECK(app.branches == std::vector<std::string>{"main", "master"});
  CHECK(app.deploy.order == DeploySettings::Order::build_first);
  CHECK(app.health.kind == HealthSettings::Kind::http);
}

TEST_CASE("who says what is asked of a program is known from who says how long") {
  CHECK_FALSE(app_with("health: {deadline: 5s, timeout: 1s}\n").health.is_told);
  for (const char* told : {"path: /up", "kind: tcp", "command: bin/check", "expect: 200", "host: shop"}) {
    INFO(told);
    CHECK(app_with(std::string("health: {") + told + "}\n").health.is_told);
  }
}

TEST_CASE("every key of an app is read") {
  const AppSettings app = app_with(R"(
container_port: 3000
bind: 127.0.0.1
branches: [trunk]
build: {context: web, dockerfile: Dockerfile.prod, target: release, args: {VERSION: "2"}}
health: {path: /up, expect: "200,204", interval: 50ms, timeout: 1s, deadline: 2m, host: shop.example.com}
run:
  env: {MODE: production}
  env_file: shop.env
  volumes: [data:/data, "/srv/x:/x:ro"]
  networks: [backend]
  memory: 512m
  cpus: 0.5
  args: [--verbose, "a b"]
deploy: {order: stop-first, keep_releases: 9, stop_timeout: 3s, build_deadline: 1h, quiet: 5s, quiet_longest: 2m}
)");
  CHECK(app.container_port == 3000);
  CHECK(app.bind == "127.0.0.1");
  CHECK(app.branches == std::vector<std::string>{"trunk"});
  CHECK(app.build.context == "web");
  CHECK(app.build.dockerfile == "Dockerfile.prod");
  CHECK(app.build.target == "release");
  CHECK(app.build.args == std::map<std::string, std::string>{{"VERSION", "2"}});
  CHECK(app.health.path == "/up");
  CHECK(app.health.expect == StatusCodes{{{200, 200}, {204, 204}}});
  CHECK(app.health.interval == Milliseconds(50));
  CHECK(app.health.timeout == Milliseconds(1000));
  CHECK(app.health.deadline == Milliseconds(120'000));
  CHECK(app.health.host == "shop.example.com");
  CHECK(app.run.env == std::map<std::string, std::string>{{"MODE", "production"}});
  CHECK(app.run.env_file == "shop.env");
  CHECK(app.run.volumes == std::vector<std::string>{"data:/data", "/srv/x:/x:ro"});
  CHECK(app.run.networks == std::vector<std::string>{"backend"});
  CHECK(app.run.memory == 512U << 20U);
  CHECK(app.run.cpus == 0.5);
  CHECK(app.run.args == std::vector<std::string>{"--verbose", "a b"});
  CHECK(app.deploy.order == DeploySettings::Order::stop_first);
  CHECK(app.deploy.keep_releases == 9);
  CHECK(app.deploy.stop_timeout == Milliseconds(3000));
  CHECK(app.deploy.build_deadline == Milliseconds(3'600'000));
  CHECK(app.deploy.quiet == Milliseconds(5000));
  CHECK(app.deploy.quiet_longest == Milliseconds(120'000));
}

TEST_CASE("how another host's engine is reached is read, and refused where that engine is reached in another way") {
  const auto engine = [](const std::string& group) {
    return parse_server_settings({"tealhook.yml", "engine: {" + group + "}"}).engine;
  };
  CHECK(engine("host: tcp://10.0.0.7:2376, ca: /e/ca.pem, certificate: /e/c.pem, key: /e/k.pem").ca == "/e/ca.pem");
  const auto by_ssh = engine("host: ssh://deploy@10.0.0.7, key: /e/id, known_hosts: /e/known, address: 10.9.0.7, "
                             "ports: 40000-40099");
  CHECK(by_ssh.key == "/e/id");
  CHECK(by_ssh.known_hosts == "/e/known");
  CHECK(by_ssh.address == "10.9.0.7");
  CHECK(by_ssh.ports == "40000-40099");
  CHECK_THROWS_WITH(engine("key: /e/k.pem"),
                    ContainsSubstring("tealhook.yml:1: 'engine.key' is for an engine.host by "));
  CHECK_THROWS_WITH(engine("host: ssh://h, ca: /e/ca.pem"),
                    ContainsSubstring("'engine.ca' is for an engine.host by tcp"));
  CHECK_THROWS_WITH(engine("host: tcp://h, known_hosts: /e/k"), ContainsSubstring("is for an engine.host by ssh://"));
  CHECK_THROWS_WITH(engine("address: 10.0.0.7"),
                    ContainsSubstring("'engine.address' is for an engine.host by another"));
  CHECK_THROWS_WITH(engine("host: tcp://h, certificate: /e/c.pem"),
                    ContainsSubstring("give both 'engine.certificate' and 'engine.key', or none"));
}

TEST_CASE("every key of a server is read") {
  const ServerSettings server = parse_server_settings({"tealhook.yml", R"(
engine: {host: "tcp://10.0.0.7:2375", cli: /usr/bin/docker}
registry: {address: registry.example.com, listen: 0.0.0.0, auth: htpasswd, credentials_file: /etc/tealhook/registry}
limits: {builds: 4, min_free_disk: 2GiB, health_timeout: 1s, health_deadline: 2s, health_settle: 3s}
serve: {listen: "0.0.0.0:443", public_url: "https://deploy.example.com", certificate: /etc/c.pem, key: /etc/k.pem,
        trusted_proxies: [127.0.0.1, "fd00::/8"], log: json}
)"});
  CHECK(server.engine.host == "tcp://10.0.0.7:2375");
  CHECK(server.engine.cli == "/usr/bin/docker");
  CHECK(server.registry.address == "registry.example.com");
  CHECK(server.registry.listen == "0.0.0.0");
  CHECK(server.registry.auth == "htpasswd");
  CHECK(server.registry.credentials_file == "/etc/tealhook/registry");
  CHECK(server.limits.builds == 4);
  CHECK(server.limits.min_free_disk == std::uint64_t{2} << 30U);
  CHECK(server.limits.health_timeout == Milliseconds(1000));
  CHECK(server.limits.health_deadline == Milliseconds(2000));
  CHECK(server.limits.health_settle == Milliseconds(3000));
  CHECK(server.serve.listen == "0.0.0.0:443");
  CHECK(server.serve.public_url == "https://deploy.example.com");
  CHECK(server.serve.certificate == "/etc/c.pem");
  CHECK(server.serve.key == "/etc/k.pem");
  CHECK(server.serve.trusted_proxies == std::vector<std::string>{"127.0.0.1", "fd00::/8"});
  CHECK(server.serve.log == ServerSettings::Serve::Log::json);
}

TEST_CASE("an empty server file has the defaults, and limits are kept") {
  CHECK(parse_server_settings({"tealhook.yml", ""}).limits.builds == 2);
  for (const std::string bad : {"builds: 0", "builds: 65", "min_free_disk: lots"}) {
    CHECK_THAT(complaint_of([&] {
                 static_cast<void>(parse_server_settings({"tealhook.yml", "limits: {" + bad + "}"}));
               }),
               ContainsSubstring("tealhook.yml:1: 'limits."));
  }
  for (const std::string bad : {"keep_releases: 0", "keep_releases: 1001", "build_deadline: 0s", "stop_timeout: 2h"}) {
    CHECK_THAT(app_complaint("deploy: {" + bad + "}"), ContainsSubstring("app.yml:2: 'deploy."));
  }
  CHECK_THAT(app_complaint("health: {deadline: 61m}"), ContainsSubstring("at most 1h"));
}

TEST_CASE("both colors have a port, and not the same one") {
  const auto complaint = [](const std::string& text) {
    return complaint_of([&] { static_cast<void>(parse_app_settings({"app.yml", text}, std::nullopt)); });
  };
  CHECK(complaint("") == "app.yml:1: 'colors.blue.port' is missing: give the host's port for that color");
  CHECK(complaint("colors: {blue: {port: 1}}") ==
        "app.yml:1: 'colors.green.port' is missing: give the host's port for that color");
  CHECK(complaint("colors:\n  blue: {port: 5000}\n  green: {port: 5000}") ==
        "app.yml:3: 'colors.green.port' is 5000, which is blue's port too");
  CHECK_THAT(complaint("colors: {red: {port: 1}}"), ContainsSubstring("app.yml:1: unknown key 'colors.red'"));
}

TEST_CASE("a command makes the probe a command, and contradictions are refused") {
  const HealthSettings health = app_with("health: {command: test -f /ready}").health;
  CHECK(health.kind == HealthSettings::Kind::command);
  CHECK(health.command == std::vector<std::string>{"/bin/sh", "-c", "test -f /ready"});
  CHECK(app_with("health: {kind: command, command: [/ready]}").health.kind == HealthSettings::Kind::command);
  CHECK(app_with("health: {kind: tcp}").health.kind == HealthSettings::Kind::tcp);
  CHECK(app_with("health: {command: []}").health.kind == HealthSettings::Kind::http);

  CHECK(app_complaint("health:\n  kind: command\n") ==
        "app.yml:3: 'health.kind' is 'command', and 'health.command' gives none");
  CHECK(app_complaint("health:\n  kind: http\n  command: x\n") ==
        "app.yml:3: 'health.kind' is not 'command', and 'health.command' is given too: leave one of them out");
}

TEST_CASE("a pushed file sets the build, the probe and the environment") {
  const AppSettings app = app_with_pushed("build: {target: web}\nhealth: {path: /up}\nrun: {env: {MODE: test}}\n");
  CHECK(app.build.target == "web");
  CHECK(app.health.path == "/up");
  CHECK(app.run.env.at("MODE") == "test");
}

TEST_CASE("what app.yml sets wins over a pushed file, name by name") {
  const AppSettings app = app_with_pushed("health: {path: /pushed, timeout: 5s}\nrun: {env: {A: pushed, B: pushed}}\n",
                                          "health: {path: /server}\nrun: {env: {A: server, C: server}}\n");
  CHECK(app.health.path == "/server");
  CHECK(app.health.timeout == Milliseconds(5000));
  CHECK(app.run.env == std::map<std::string, std::string>{{"A", "server"}, {"B", "pushed"}, {"C", "server"}});
}

TEST_CASE("the probe of app.yml wins over a pushed one") {
  const HealthSettings tcp = app_with_pushed("health: {command: x}", "health: {kind: tcp}").health;
  CHECK(tcp.kind == HealthSettings::Kind::tcp);
  CHECK(tcp.command.empty());
  const HealthSettings command = app_with_pushed("health: {kind: tcp}", "health: {command: [/ready]}").health;
  CHECK(command.kind == HealthSettings::Kind::command);
  const HealthSettings pushed = app_with_pushed("health: {command: [/ready]}").health;
  CHECK(pushed.kind == HealthSettings::Kind::command);
  CHECK(app_with_pushed("health: {command: [/ready]}", "health: {kind: command}").health.command.front() == "/ready");
  CHECK_THAT(pushed_complaint("health: {command: x}", "health: {command: []}"), ContainsSubstring("app.yml:2:"));
}

TEST_CASE("a pushed file may make a deployment wait for as long as the server allows") {
  const auto complaint = [](const std::string& pushed) {
    return complaint_of([&] {
      require_patience({"1a2b3c4:.tealhook.yml", pushed}, {.health_timeout = Milliseconds(1000),
                                                           .health_deadline = Milliseconds(120'000),
                                                           .health_settle = Milliseconds(0)});
    });
  };
  CHECK(complaint("health: {timeout: 1s, deadline: 2m, settle: 0s}").empty());
  CHECK(complaint("health: {path: /up}").empty()); // the defaults are the server's own
  CHECK(
      complaint("health:\n  path: /up\n  deadline: 20m\n") ==
      "1a2b3c4:.tealhook.yml:3: 'health.deadline' is 20m: a pushed file may give at most 2m (limits.health_deadline); "
      "app.yml on the server may give more");
  CHECK_THAT(complaint("health: {timeout: 1001ms}"), ContainsSubstring(":1: 'health.timeout' is 1001ms"));
  CHECK_THAT(complaint("health: {settle: 1s}"), ContainsSubstring(":1: 'health.settle' is 1s"));
}

TEST_CASE("a pushed file that leads out of the tree or is a bomb is refused") {
  CHECK_THAT(pushed_complaint("build: {context: ../..}"),
             ContainsSubstring("1a2b3c4:.tealhook.yml:1: 'build.context'"));
  CHECK_THAT(pushed_complaint("build: {dockerfile: /etc/passwd}"), ContainsSubstring("'build.dockerfile'"));
  CHECK_THAT(pushed_complaint("a: &a [x]\nb: &b [*a, *a]\n"), ContainsSubstring("anchors and aliases"));
  CHECK(pushed_complaint("#" + std::string(std::size_t{64} * 1024, 'x')) ==
        "1a2b3c4:.tealhook.yml:1: the file is larger than 64 KiB");
  CHECK(pushed_complaint("#" + std::string(std::size_t{64} * 1024 - 1, 'x')).empty());
}

TEST_CASE("a description has every key with its value and origin, and no secret") {
  const auto values = describe_app_settings(app_yml("health: {timeout: 3s}\nrun: {env: {TOKEN: hunter2}}"),
                                            SettingsText{"1a2b3c4:.tealhook.yml", "\nhealth:\n  path: /up\n"});
  CHECK(described(values, "colors.blue.port").value == "50101");
  CHECK(described(values, "colors.blue.port").origin == "app.yml:1");
  CHECK(described(values, "health.timeout").value == "3s");
  CHECK(described(values, "health.timeout").origin == "app.yml:2");
  CHECK(described(values, "health.path").origin == "1a2b3c4:.tealhook.yml:3");
  CHECK(described(values, "health.interval").origin == "default");
  CHECK(described(values, "run.env").value == "{TOKEN: \"***\"}");
}

TEST_CASE("a server's description has every key") {
  const auto values = describe_server_settings({"tealhook.yml", "limits: {builds: 3}"});
  CHECK(values.size() == 31);
  CHECK(described(values, "limits.builds").value == "3");
  CHECK(described(values, "limits.min_free_disk").value == "1GiB");
}

TEST_CASE("a description has the keys that the kind of each group has") {
  const auto values = describe_app_settings(
      app_yml(
          "rules:\n- tag: v*\n  deploy: site\ntargets:\n  site: {kind: command, run: [a], env: {TOKEN: hunter2}}\n"),
      std::nullopt);
  CHECK(described(values, "rules[1].tag").value == "\"v*\"");
  CHECK(described(values, "rules[1].tag").origin == "app.yml:3");
  CHECK(described(values, "rules[1].deploy").origin == "app.yml:4");
  CHECK(described(values, "targets.site.kind").value == "command");
  CHECK(described(values, "targets.site.run").value == "[a]");
  CHECK(described(values, "targets.site.run").origin == "app.yml:6");
  CHECK(described(values, "targets.site.deadline").value == "10m");
  CHECK(described(values, "targets.site.deadline").origin == "default");
  CHECK(described(values, "targets.site.env").value == "{TOKEN: \"***\"}");
  CHECK(described(values, "sources").value == "[]");
  CHECK(described(values, "sources").origin == "default");
  const auto has = [&](const std::string& key) {
    return std::any_of(values.begin(), values.end(), [&](const SettingValue& value) { return value.key == key; });
  };
  CHECK_FALSE(has("rules"));
  CHECK_FALSE(has("rules[1].branch"));
  CHECK_FALSE(has("targets.site.replicas"));
  CHECK(described(describe_app_settings(app_yml("targets: {}"), std::nullopt), "targets").origin == "app.yml:2");
}

TEST_CASE("a quiet time is no longer than the longest") {
  CHECK(app_complaint("deploy:\n  quiet: 11m\n") ==
        "app.yml:3: 'deploy.quiet' is 11m, longer than 'deploy.quiet_longest', which is 10m");
  CHECK(app_complaint("deploy: {quiet: 11m, quiet_longest: 11m}").empty());
}

TEST_CASE("the daemon's certificate has a key, and its addresses are addresses") {
  const auto complaint = [](const std::string& serve) {
    return complaint_of([&] { static_cast<void>(parse_server_settings({"tealhook.yml", "serve:\n  " + serve})); });
  };
  CHECK(complaint("certificate: /c.pem") ==
        "tealhook.yml:2: 'serve.certificate' is given without 'serve.key': give both or none");
  CHECK(complaint("key: /k.pem") ==
        "tealhook.yml:2: 'serve.key' is given without 'serve.certificate': give both or none");
  CHECK_THAT(complaint("listen: 8888"), ContainsSubstring("tealhook.yml:2: 'serve.listen' is '8888'"));
  CHECK_THAT(complaint("public_url: deploy.example.com"), ContainsSubstring("tealhook.yml:2: 'serve.public_url'"));
  CHECK_THAT(complaint("trusted_proxies: [proxy]"), ContainsSubstring("tealhook.yml:2: 'serve.trusted_proxies' has"));
  CHECK_THAT(complaint("log: xml"), ContainsSubstring("give one of text, json"));
}

TEST_CASE("a home or an app that is not there is said with what to do") {
  const TempFolder folder;
  const Home missing{folder.path() / "nowhere"};
  CHECK(complaint_of([&] { static_cast<void>(load_server_settings(missing)); }) ==
        "home '" + missing.root.string() + "' is not there; make it with: tealhook setup");
  const Home home{folder.path()};
  CHECK(complaint_of([&] { static_cast<void>(load_server_settings(home)); }) ==
        "home '" + home.root.string() + "' has no tealhook.yml; make it with: tealhook setup");
  CHECK_THAT(complaint_of([&] { static_cast<void>(load_app_settings(home, "shop")); }),
             ContainsSubstring("make it with: tealhook app create shop"));
}

TEST_CASE("settings are loaded from the home's files, and complaints name their paths") {
  const TempFolder folder;
  const Home home{folder.path()};
  write(home.settings(), "limits: {builds: 5}");
  write(home.app("shop").settings(), k_ports + "container_port: 3000\n");
  write(home.app("bad").settings(), k_ports + "container_prt: 3000\n");
  CHECK(load_server_settings(home).limits.builds == 5);
  CHECK(load_app_settings(home, "shop").container_port == 3000);
  CHECK(load_app_settings(home, "shop", SettingsText{"x", "health: {path: /up}"}).health.path == "/up");
  CHECK_THAT(complaint_of([&] { static_cast<void>(load_app_settings(home, "bad")); }),
             ContainsSubstring(home.app("bad").settings().string() + ":2: unknown key 'container_prt'"));
}

TEST_CASE("settings that must not be read are said with the reason and their owner") {
  const TempFolder folder;
  const Home home{folder.path()};
  write(home.settings(), "");
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(home.settings(), std::filesystem::perms(0));
  const WithoutPrivileges unprivileged;
  CHECK_THROWS_WITH(load_server_settings(home), ContainsSubstring("cannot read '" + home.settings().string() + "': ") &&
                                                    ContainsSubstring("ermission denied; it belongs to '"));
}
