#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "trigger/explanation.hpp"
#include "unit/git/git_fixture.hpp"
#include "unit/store/store_fixture.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace teal;

namespace {

constexpr const char* k_rules = "rules: [{branch: 'wip/*', deploy: none}, {branch: main, deploy: blue}, "
                                "{branch: '*', deploy: green}]\n";

class ExplanationFixture : public StoreFixture {
protected:
  ExplanationFixture() {
    std::filesystem::create_directories(m_home.app("shop").root);
    write_file(m_home.settings(), "router: {kind: none}\n");
    set_source("");
  }
  void set_source(const std::string& more, const std::string& rules = k_rules) const {
    write_file(m_home.app("shop").settings(),
               fmt::format("colors: {{blue: {{port: 50101}}, green: {{port: 50100}}}}\n{}"
                           "sources: [{{name: hub, kind: webhook, forge: github, secret_file: s, url: /r{}}}]\n",
                           rules, more));
  }
  [[nodiscard]] Explanation explain(const std::string& ref = "refs/heads/main", const std::string& more = "",
                                    const std::string& event = "push") {
    const std::string payload =
        fmt::format(R"({{"ref":"{}","before":"{}","after":"{}","repository":{{"full_name":"ada/shop"}},)"
                    R"("pusher":{{"name":"ada"}}{}}})",
                    ref, std::string(40, 'a'), std::string(40, 'b'), more);
    const http::HeaderList headers{
        {"Content-Type", "application/json"}, {"X-GitHub-Event", event}, {"X-GitHub-Delivery", "1"}};
    const Explainer explainer(m_home, m_store, "shop");
    const auto all = explainer.explain({.source = explainer.source("hub"),
                                        .forge = *webhook::find_forge("github"),
                                        .headers = headers,
                                        .payload = payload});
    REQUIRE(all.size() == 1);
    return all.front();
  }
  /// "decides: goes to blue", of what is looked at there; empty: it is not.
  static std::string look(const Explanation& explanation, std::string_view at) {
    const auto found = std::find_if(explanation.looks.begin(), explanation.looks.end(),
                                    [&](const Explanation::Look& one) { return one.at == at; });
    return found == explanation.looks.end() ? "" : fmt::format("{}: {}", found->verdict, found->why);
  }
  static std::string commit_with(const std::string& message, const std::string& path) {
    return fmt::format(R"(,"head_commit":{{"id":"{0}","message":"{1}"}},"commits":[{{"id":"{0}","message":"{1}",)"
                       R"("added":[],"modified":["{2}"],"removed":[]}}])",
                       std::string(40, 'b'), message, path);
  }

  Home m_home{m_folder.path()};
  Store m_store{m_file, m_clock};
};

} // namespace

TEST_CASE_METHOD(ExplanationFixture,
                 "of a payload each rule's verdict is told, and that nobody looked at its signature") {
  const Explanation told = explain();
  CHECK(told.what == "push of refs/heads/main at bbbbbbb");
  CHECK_THAT(look(told, "signature"), ContainsSubstring("not checked: of a file"));
  CHECK(look(told, "kind") == "push: asks for a deployment");
  CHECK(look(told, "rule 1 (branch wip/*)") == "differs: 'main' does not match");
  CHECK(look(told, "rule 2 (branch main)") == "decides: goes to blue");
  CHECK(look(told, "rule 3 (branch *)") == "not asked: rule 2 decides");
  CHECK(look(told, "app") == "takes it: ");
  CHECK(told.destination == Color::blue);
  CHECK(told.outcome == "it would be deployed to blue");
}

TEST_CASE_METHOD(ExplanationFixture, "what asks for nothing, and what no rule deploys, says why") {
  const Explanation ping = explain("refs/heads/main", R"(,"zen":"x","hook_id":1)", "ping");
  CHECK(ping.outcome == "nothing would be deployed: pong");
  CHECK_FALSE(ping.destination);
  const Explanation none = explain("refs/heads/wip/a");
  CHECK_FALSE(none.destination);
  CHECK(none.outcome == "it would not be deployed: rule 1 (branch wip/*) deploys nothing");
  const Explanation tag = explain("refs/tags/v1");
  CHECK(tag.outcome == "it would not be deployed: tags are not deployed here");
}

TEST_CASE_METHOD(ExplanationFixture, "the source's own branches and paths and the commit's wish have a say") {
  set_source(", branch: 'release/*'");
  CHECK(explain().outcome == "it would not be deployed: 'main' is none of the branches 'release/*' of the source");
  set_source(", paths: ['web/**']");
  CHECK(look(explain("refs/heads/main", commit_with("Fix", "web/a.cpp")), "paths") == "match: 'web/a.cpp' was changed");
  const Explanation other = explain("refs/heads/main", commit_with("Fix", "docs/a.md"));
  CHECK_FALSE(other.destination);
  CHECK_THAT(other.outcome, ContainsSubstring("nothing was changed of: web/**"));
  set_source("");
  const Explanation skipped = explain("refs/heads/main", commit_with("typo [skip deploy]", "a"));
  CHECK_FALSE(skipped.destination);
  CHECK(look(skipped, "[skip deploy]") == "skips: the commit's message says so");
}

TEST_CASE_METHOD(ExplanationFixture, "what was asked for already, a freeze and a pause are told") {
  m_store.queue.pause({.app = "shop", .who = "anna", .at = {}});
  const Explanation paused = explain();
  CHECK(look(paused, "app") == "paused: by anna; it would wait");
  CHECK(paused.destination == Color::blue);
  m_store.traffic.set_freeze({.app = "shop", .who = "bob", .why = "stocktaking", .at = {}});
  CHECK_THAT(look(explain(), "app"), ContainsSubstring("frozen: by bob: stocktaking"));
  Event event = event_of("shop");
  event.trigger = Trigger::webhook;
  event.who = "source:hub";
  m_store.queue.enqueue(event, Color::blue);
  CHECK_THAT(explain().outcome, ContainsSubstring("it was asked for already, by deployment 1"));
}

TEST_CASE_METHOD(ExplanationFixture, "a source that is not there is told with those that are") {
  const Explainer explainer(m_home, m_store, "shop");
  CHECK_THROWS_WITH(explainer.source("hob"), "'shop' has no webhook 'hob' among its sources; there are: hub");
  CHECK_THROWS_AS(Explainer(m_home, m_store, "blog"), Error);
}

TEST_CASE_METHOD(ExplanationFixture,
                 "of a push its repository's own destination stands, and a commit that is gone is told") {
  git::GitFixture git;
  Event event = event_of("shop");
  event.repository = git.source().string();
  git.write("a", "1");
  event.new_commit = git.commit();
  const Deployment pushed = m_store.queue.enqueue(event, Color::green).deployment;
  const Explanation told = Explainer(m_home, m_store, "shop").explain(pushed);
  CHECK(told.destination == Color::green); // rule 2 says only whether
  CHECK(look(told, "rule 2 (branch main)") == "decides: goes to green");
  event.new_commit = std::string(40, 'e');
  const Deployment gone = m_store.queue.enqueue(event, Color::green).deployment;
  CHECK(Explainer(m_home, m_store, "shop").explain(gone).outcome ==
        "it would not be deployed: its commit is not there any more");
  event.trigger = Trigger::cli;
  const Deployment by_hand = m_store.queue.enqueue(event, Color::blue).deployment;
  CHECK_THAT(look(Explainer(m_home, m_store, "shop").explain(by_hand), "rules"), ContainsSubstring("not asked"));
}
