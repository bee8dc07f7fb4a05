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
  for (const std::string key : {"serve", "hooks", "<<", "x"}) {
    CHECK(app_complaint(key + ": 1") ==
          "app.yml:2: unknown key '" + key + "': it is not known to this version of tealhook");
  }
  CHECK(app_complaint("deploy: {loudly: 1s}") ==
        "app.yml:2: unknown key 'deploy.loudly': it is not known to this version of tealhook");
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
  for (const std::string yaml :
       {"container_port: 80", "bind: 0.0.0.0", "branches: [x]", "colors: {blue: {port: 1}}",
        "deploy: {order: stop-first}", "run: {memory: 1m}", "run: {env_file: /etc/shadow}", "run: {networks: [x]}",
        "run: {args: [x]}", "run: {cpus: 1}", "rules: [{branch: main, deploy: live}]", "target: docker", "targets: {}",
        "sources: [{name: x, kind: poll, url: /x, branch: main}]", "deploy: {quiet: 1s}",
        "deploy: {quiet_longest: 1s}"}) {
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

TEST_CASE("a list of groups and a map of them are told from what they are not") {
  CHECK(app_complaint("rules:\ntargets:\nsources:\n").empty());
  CHECK(app_complaint("rules: []\ntargets: {}\n").empty());
  CHECK(app_complaint("rules: {branch: main}") == "app.yml:2: 'rules' is no list: give '- key: value' lines");
  CHECK(app_complaint("targets: [site]") == "app.yml:2: 'targets' is no map: give a name and, below it, keys for each");
  CHECK(app_complaint("rules:\n- main\n") ==
        "app.yml:3: 'rules[1]' is a section: give keys below it, such as 'rules[1].branch'");
  CHECK(app_complaint("targets:\n  site:\n") ==
        "app.yml:3: 'targets.site' is a section: give keys below it, such as 'targets.site.kind'");
}

TEST_CASE("an unknown key in a group is refused with its place and the key that was meant") {
  CHECK(app_complaint("rules:\n- branch: main\n  deplyo: live\n") ==
        "app.yml:4: unknown key 'rules[1].deplyo' (did you mean 'rules[1].deploy'?)");
  CHECK(app_complaint("targets:\n  site:\n    kind: command\n    runn: [a]\n") ==
        "app.yml:5: unknown key 'targets.site.runn' (did you mean 'targets.site.run'?)");
  CHECK(app_complaint("targets: {site: {kind: git, replica: 1}}") ==
        "app.yml:2: unknown key 'targets.site.replica': it is not known to this version of tealhook");
}

TEST_CASE("a key of another kind is refused with the kinds that have it") {
  CHECK(app_complaint("targets:\n  site:\n    force: true\n    kind: command\n    run: [a]\n") ==
        "app.yml:4: 'targets.site.force' is a key of kind git, and this is of kind command");
  CHECK(app_complaint("sources: [{name: a, kind: poll, secret_file: /x}]") ==
        "app.yml:2: 'sources[1].secret_file' is a key of kinds webhook, registry, and this is of kind poll");
}

TEST_CASE("a kind comes first wherever it is written") {
  CHECK(app_with("targets: {site: {run: [a], kind: command}}").targets.at("site").command.run == Texts{"a"});
  CHECK(app_complaint("targets:\n  site:\n    run: [a]\n") ==
        "app.yml:3: 'targets.site.kind' is missing: command, git, compose or swarm");
  CHECK(app_complaint("targets:\n  site:\n    run: [a]\n    kind: shell\n") ==
        "app.yml:5: 'targets.site.kind' is 'shell': give one of command, git, compose, swarm");
}

TEST_CASE("a key that a group needs is asked for at the group's place") {
  CHECK(app_complaint("rules:\n- branch: main\n") ==
        "app.yml:3: 'rules[1].deploy' is missing: blue, green, idle, live, a target's name, or none");
  CHECK(app_complaint("targets:\n  a: {kind: command, run: [a]}\n  b: {kind: git}\n") ==
        "app.yml:4: 'targets.b.url' is missing: the remote that is pushed to");
}

TEST_CASE("of keys that exclude each other a group has one") {
  CHECK(app_complaint("rules:\n- {deploy: live}\n") ==
        "app.yml:3: 'rules[1]' has none of branch, tag: give one of them");
  CHECK(app_complaint("rules:\n- {branch: a, deploy: live}\n- {branch: a, tag: b, deploy: live}\n") ==
        "app.yml:4: 'rules[2]' has branch and tag: give one of them");
  CHECK(app_complaint("sources: [{name: a, kind: poll, url: /x}]") ==
        "app.yml:2: 'sources[1]' has none of branch, tag: give one of them");
}

TEST_CASE("a value that groups must not share is refused where it is the second time") {
  CHECK(app_complaint("sources:\n"
                      "- {name: a, kind: poll, url: /x, branch: main}\n"
                      "- {name: b, kind: poll, url: /x, branch: main}\n"
                      "- {name: a, kind: registry, secret_file: x, tag: x}\n") ==
        "app.yml:5: 'sources[3].name' is a, which 'sources[1].name' is too");
}

TEST_CASE("a group's name that is a word of the settings is refused") {
  for (const std::string name : {"blue", "green", "idle", "live", "none", "docker", "A", "a.b", "a-"}) {
    INFO(name);
    CHECK_THAT(app_complaint("targets:\n  " + name + ": {kind: command}\n"),
               ContainsSubstring("app.yml:3: 'targets' has the name '" + name + "': use at most 40 of a-z"));
  }
  CHECK_THAT(app_complaint("targets: {site: {kind: command}, site: {kind: command}}"),
             ContainsSubstring("a second time"));
}

TEST_CASE("a layer tells where each key of its groups stands") {
  AppSettings settings;
  const auto keys = schema_of(settings);
  const Origins origins =
      read_layer(keys,
                 {"app.yml", "targets:\n  b: {kind: git, url: /b}\n  a:\n    kind: git\n    url: /a\n"
                             "rules:\n- branch: main\n  deploy: live\n"},
                 SettingKey::Trust::server);
  CHECK(origins == Origins{{"targets", "app.yml:1"},
                           {"targets.b.kind", "app.yml:2"},
                           {"targets.b.url", "app.yml:2"},
                           {"targets.a.kind", "app.yml:4"},
                           {"targets.a.url", "app.yml:5"},
                           {"rules", "app.yml:6"},
                           {"rules[1].branch", "app.yml:7"},
                           {"rules[1].deploy", "app.yml:8"}});
  CHECK(settings.targets.at("a").git.url == "/a");
  CHECK(settings.targets.at("b").git.url == "/b");
}
