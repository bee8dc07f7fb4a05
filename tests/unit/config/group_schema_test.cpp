#include "config/schema.hpp"
#include "config/yaml.hpp"
#include "config_fixture.hpp"
#include "core/text.hpp"
#include "support/catch.hpp"

#include <set>

using namespace teal;

namespace {

template <class Member>
void check_keys() {
  Member member;
  std::set<std::pair<std::string_view, std::string>> names;
  for (const SettingKey& key : schema_of(member)) {
    INFO(key.name);
    CHECK_FALSE(key.doc.empty());
    CHECK(key.doc == printable(key.doc));
    CHECK(key.trust == SettingKey::Trust::server);
    for (const std::string& kind : key.in_group.kinds.empty() ? Texts{"all"} : key.in_group.kinds) {
      CHECK(names.insert({key.name, kind}).second);
    }
  }
}

template <class Member>
void check_defaults_read_back() {
  Member member;
  for (const SettingKey& key : schema_of(member)) {
    if (key.in_group.need == SettingKey::Need::optional) {
      INFO(key.name);
      const std::string value = key.binding.write();
      const YamlNode node = parse_yaml({"file", "key: " + value});
      CHECK_NOTHROW(key.binding.read(node.children.at(0)));
      CHECK(key.binding.write() == value);
    }
  }
}

} // namespace

TEST_CASE("in a group every kind has a key once and none may come with a push") {
  check_keys<RuleSettings>();
  check_keys<TargetSettings>();
  check_keys<SourceSettings>();
  check_keys<ReceiverSettings::Source>();
}

TEST_CASE("in a group every default of a key that may be left out is a value that it allows") {
  check_defaults_read_back<TargetSettings>();
  check_defaults_read_back<SourceSettings>();
  check_defaults_read_back<ReceiverSettings::Source>();
}

TEST_CASE("rules are read in their order") {
  const auto rules = app_with("rules:\n- {branch: main, deploy: live}\n- {tag: 'release-*', deploy: none}\n").rules;
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].branch == "main");
  CHECK(rules[0].tag.empty());
  CHECK(rules[0].deploy == "live");
  CHECK(rules[1].branch.empty());
  CHECK(rules[1].tag == "release-*");
  CHECK(rules[1].deploy == "none");
}

TEST_CASE("every key of the targets is read") {
  const auto app = app_with(R"(
targets:
  site:
    kind: command
    run: [bin/deploy.sh, --all]
    user: www-data
    deadline: 5m
    directory: site
    env: {MODE: production}
    shared: [uploads/, var/cache]
    switch: before
    health: {url: "http://localhost:3000/up", expect: "200", interval: 1s, timeout: 3s, deadline: 5s, settle: 2s}
  heroku: {kind: git, url: "https://git.heroku.com/shop.git", branch: release, token_file: heroku.token,
           force: true, deadline: 1h}
  dokku: {kind: git, url: "dokku@host:shop", key: /etc/tealhook/key, known_hosts: known_hosts}
)");
  REQUIRE(app.targets.size() == 3);
  const TargetSettings& site = app.targets.at("site");
  CHECK(site.kind == TargetSettings::Kind::command);
  CHECK(site.command.run == Texts{"bin/deploy.sh", "--all"});
  CHECK(site.command.user == "www-data");
  CHECK(site.command.deadline == Milliseconds(300'000));
  CHECK(site.command.directory == "site");
  CHECK(site.command.env == TextMap{{"MODE", "production"}});
  CHECK(site.command.shared == Texts{"uploads/", "var/cache"});
  CHECK(site.command.switch_ == TargetSettings::Command::Switch::before);
  CHECK(site.health.url == "http://localhost:3000/up");
  CHECK(site.health.expect.contains(200));
  CHECK_FALSE(site.health.expect.contains(204));
  CHECK(site.health.interval == Milliseconds(1000));
  CHECK(site.health.timeout == Milliseconds(3000));
  CHECK(site.health.deadline == Milliseconds(5000));
  CHECK(site.health.settle == Milliseconds(2000));
  const TargetSettings& heroku = app.targets.at("heroku");
  CHECK(heroku.kind == TargetSettings::Kind::git);
  CHECK(heroku.git.url == "https://git.heroku.com/shop.git");
  CHECK(heroku.git.branch == "release");
  CHECK(heroku.git.force);
  CHECK(heroku.git.deadline == std::chrono::hours(1));
  CHECK(heroku.git.token_file == "heroku.token");
  CHECK(app.targets.at("dokku").git.key == "/etc/tealhook/key");
  CHECK(app.targets.at("dokku").git.known_hosts == "known_hosts");
  CHECK(app.targets.at("dokku").git.branch == "main");
  CHECK_FALSE(app.targets.at("dokku").git.force);
}

TEST_CASE("every key of the sources is read") {
  const auto sources = app_with(R"(
sources:
- {name: hub, kind: webhook, forge: github, url: "https://github.com/a/shop", secret_file: hub.secret,
   old_secret_file: hub.old, paths: ["web/**", "*.md"], branch: "release/*", key: k, known_hosts: h, token_file: t,
   repo: a/shop, api: "https://git.test/api/v1", public_url: "https://hooks.test", statuses: false}
- {name: mirror, kind: poll, url: "git@host:shop.git", branch: main, key: deploy_key, known_hosts: known, paths: [web/**]}
- {name: tags, kind: poll, url: /srv/shop.git, tag: "v*", interval: 5s}
- {name: drop, kind: file, folder: /var/spool/tealhook, file: push-shop-main, url: "ssh://git@host:22/shop", branch: main,
   owner: 10001, redeploy: true, paths: [web/**]}
- {name: images, kind: registry, secret_file: /etc/tealhook/registry.secret, tag: stable,
   image: registry.example.com/team/shop}
)")
                           .sources;
  REQUIRE(sources.size() == 5);
  const SourceSettings& hub = sources[0];
  CHECK(hub.name == "hub");
  CHECK(hub.kind == SourceSettings::Kind::webhook);
  CHECK(hub.forge == SourceSettings::Forge::github);
  CHECK(hub.url == "https://github.com/a/shop");
  CHECK(hub.secret_file == "hub.secret");
  CHECK(hub.old_secret_file == "hub.old");
  CHECK(hub.paths == Texts{"web/**", "*.md"});
  CHECK(hub.branch == "release/*");
  CHECK(hub.key == "k");
  CHECK(hub.known_hosts == "h");
  CHECK(hub.token_file == "t");
  CHECK(hub.repo == "a/shop");
  CHECK(hub.api == "https://git.test/api/v1");
  CHECK(hub.public_url == "https://hooks.test");
  CHECK_FALSE(hub.statuses);
  CHECK(SourceSettings().statuses);
  CHECK(sources[1].kind == SourceSettings::Kind::poll);
  CHECK(sources[1].url == "git@host:shop.git");
  CHECK(sources[1].branch == "main");
  CHECK(sources[1].interval == Milliseconds(60'000));
  CHECK(sources[1].key == "deploy_key");
  CHECK(sources[1].known_hosts == "known");
  CHECK(sources[1].paths == Texts{"web/**"});
  CHECK(sources[2].tag == "v*");
  CHECK(sources[2].interval == Milliseconds(5000));
  CHECK(sources[3].kind == SourceSettings::Kind::file);
  CHECK(sources[3].folder == "/var/spool/tealhook");
  CHECK(sources[3].file == "push-shop-main");
  CHECK(sources[3].branch == "main");
  CHECK(sources[3].owner == "10001");
  CHECK(sources[3].redeploy);
  CHECK(sources[3].paths == Texts{"web/**"});
  CHECK(sources[4].kind == SourceSettings::Kind::registry);
  CHECK(sources[4].secret_file == "/etc/tealhook/registry.secret");
  CHECK(sources[4].tag == "stable");
}

TEST_CASE("a value that a group's key does not allow is refused") {
  const std::vector<std::pair<const char*, const char*>> bad{
      {"rules: [{branch: refs/heads/main, deploy: live}]", "'rules[1].branch' is 'refs/heads/main'"},
      {"rules: [{branch: main, deploy: Live}]", "'rules[1].deploy' is 'Live'"},
      {"targets: {x: {kind: ansible}}", "'targets.x.kind' is 'ansible': give one of command, git, compose"},
      {"targets: {x: {kind: compose, allow: [image]}}", "'targets.x.allow' has 'image'"},
      {"targets: {x: {kind: git, url: /x, health: {url: localhost}}}", "'targets.x.health.url' is 'localhost'"},
      {"targets: {x: {kind: command, run: []}}", "'targets.x.run' is empty"},
      {"targets: {x: {kind: command, run: [a], user: 'a b'}}", "'targets.x.user' is 'a b'"},
      {"targets: {x: {kind: command, run: [a], shared: [/etc]}}", "'targets.x.shared' has '/etc'"},
      {"targets: {x: {kind: command, run: [a], switch: never}}", "'targets.x.switch' is 'never'"},
      {"targets: {x: {kind: git, url: 'ext::sh -c id'}}", "'targets.x.url' is 'ext::sh -c id'"},
      {"sources: [{name: a/b, kind: poll}]", "'sources[1].name' is 'a/b'"},
      {"sources: [{name: a, kind: poll, url: /x, branch: 'v*'}]", "'sources[1].branch' is 'v*'"},
      {"sources: [{name: a, kind: webhook, forge: svn}]", "'sources[1].forge' is 'svn'"},
      {"sources: [{name: a, kind: file, folder: /x, file: ../y}]", "'sources[1].file' is '../y'"},
      {"sources: [{name: a, kind: file, folder: /x, file: y.tmp}]", "'sources[1].file' is 'y.tmp'"},
      {"sources: [{name: a, kind: file, folder: /x, file: y, owner: -1}]", "'sources[1].owner' is '-1'"},
  };
  for (const auto& [yaml, complaint] : bad) {
    INFO(yaml);
    CHECK_THAT(app_complaint(yaml), ContainsSubstring(std::string("app.yml:2: ") + complaint));
  }
}
