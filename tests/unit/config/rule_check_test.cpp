#include "config/rule_check.hpp"
#include "config_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

const std::string k_targets = "targets: {site: {kind: command, run: [a]}, heroku: {kind: git, url: /x}}\n";

std::vector<std::string> found(const std::string& rules) {
  return find_unreachable_rules(app_yml("rules:\n" + rules));
}

} // namespace

TEST_CASE("a rule may name a color or a wish or a target that is defined") {
  for (const std::string to : {"blue", "green", "idle", "live", "none", "site", "heroku"}) {
    INFO(to);
    CHECK(app_complaint(k_targets + "rules: [{branch: main, deploy: " + to + "}]").empty());
  }
}

TEST_CASE("a rule that names no target is refused at its line") {
  CHECK(app_complaint(k_targets + "rules:\n- branch: main\n  deploy: sites\n") ==
        "app.yml:5: 'rules[1].deploy' is 'sites': 'targets' has none of that name (did you mean 'site'?)");
  CHECK(app_complaint("rules:\n- {branch: main, deploy: live}\n- {branch: x, deploy: bleu}\n") ==
        "app.yml:4: 'rules[2].deploy' is 'bleu': 'targets' has none of that name (did you mean 'blue'?)");
  CHECK(app_complaint("rules: [{branch: main, deploy: docker}]") ==
        "app.yml:2: 'rules[1].deploy' is 'docker': 'targets' has none of that name");
}

TEST_CASE("colors are run by docker, or by a target that has colors") {
  CHECK(app_with("").target == "docker");
  CHECK(app_complaint("target: docker").empty());
  CHECK(app_complaint(k_targets + "\ntarget: sit") ==
        "app.yml:4: 'target' is 'sit': 'targets' has none of that name (did you mean 'site'?)");
  CHECK(app_complaint(k_targets + "target: heroku") ==
        "app.yml:3: 'target' is 'heroku': a target of kind command or git cannot be blue or green; give it to a rule");
  const std::string stack = "targets: {stack: {kind: compose, file: deploy/compose.yaml, shared: [db]}}\n";
  const AppSettings settings = app_with(stack + "target: stack\n");
  CHECK(settings.targets.at("stack").compose.file == "deploy/compose.yaml");
  CHECK(settings.targets.at("stack").compose.service == "web");
  CHECK(app_complaint(stack + "target: stack\nrules: [{branch: main, deploy: stack}]") ==
        "app.yml:4: 'rules[1].deploy' is 'stack', which is how colors are run: give blue, green, idle or live");
  CHECK(app_complaint(stack + "target: stack\ngate: true") ==
        "app.yml:4: 'gate' is true, and 'stack' is of kind compose, which has no gate: leave it out");
  CHECK_THAT(app_complaint("targets: {stack: {kind: compose, allow: [privilegd]}}"),
             ContainsSubstring("'targets.stack.allow' has 'privilegd'"));
  CHECK_THAT(app_complaint("targets: {stack: {kind: compose, health: {url: 'http://x/'}}}"),
             ContainsSubstring("'targets.stack.health.url' is a key of kinds command, git"));
}

TEST_CASE("a tag that was moved is deployed unless it is to be kept") {
  CHECK(app_with("").moved_tags == AppSettings::MovedTags::deploy);
  CHECK(app_with("moved_tags: keep").moved_tags == AppSettings::MovedTags::keep);
  CHECK(app_complaint("moved_tags: refuse") == "app.yml:2: 'moved_tags' is 'refuse': give one of deploy, keep");
}

TEST_CASE("a rule that can never match is told with its place and why") {
  CHECK(found("- {branch: '*', deploy: live}\n- {tag: v1, deploy: live}\n- {branch: main, deploy: blue}\n") ==
        std::vector<std::string>{
            "app.yml:5: rule 3 (branch 'main') can never match: rule 1 (branch '*') takes all of it first"});
  CHECK(found("- {tag: 'v*', deploy: live}\n- {tag: 'v*', deploy: blue}\n- {tag: 'v1.*', deploy: none}\n").size() == 2);
  CHECK(found("- {branch: '**', deploy: live}\n- {branch: release/*, deploy: blue}\n").size() == 1);
}

TEST_CASE("rules that can match are told nothing of") {
  CHECK(find_unreachable_rules(app_yml("")).empty());
  CHECK(found("- {branch: main, deploy: live}\n- {branch: '*', deploy: blue}\n- {branch: '**', deploy: green}\n")
            .empty());
  CHECK(found("- {branch: '**', deploy: live}\n- {tag: '**', deploy: blue}\n").empty());
  CHECK(found("- {branch: '*', deploy: live}\n- {branch: release/1, deploy: blue}\n").empty());
}

TEST_CASE("colors may be run by a target of kind swarm and a rule cannot name it") {
  const std::string swarm = "targets: {cluster: {kind: swarm, replicas: 3}}\n";
  CHECK(app_with("target: cluster\n" + swarm).targets.at("cluster").swarm.replicas == 3);
  CHECK(app_complaint(swarm + "rules: [{branch: main, deploy: cluster}]") ==
        "app.yml:3: 'rules[1].deploy' is 'cluster', which is how colors are run: give blue, green, idle or live");
  CHECK_THAT(app_complaint("targets: {cluster: {kind: swarm, replicas: 0}}"),
             ContainsSubstring("'targets.cluster.replicas'"));
  CHECK_THAT(app_complaint("targets: {cluster: {kind: swarm, health: {url: 'http://x/'}}}"),
             ContainsSubstring("health"));
}
