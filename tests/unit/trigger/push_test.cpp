#include "core/error.hpp"
#include "support/catch.hpp"
#include "trigger/push.hpp"
#include "unit/git/git_fixture.hpp"

using namespace teal;

namespace {

const std::string k_zeros(40, '0');

/// A repository with one commit, to which pushes come in.
class Pushed {
public:
  [[nodiscard]] const std::string& commit() const { return m_commit; }
  [[nodiscard]] const git::GitFixture& fixture() const { return m_fixture; }

  [[nodiscard]] PushContext context() const {
    return {m_repository, "shop", Color::green, m_rules, TimePoint(Milliseconds(7))};
  }
  [[nodiscard]] PushAnswer answer(const std::string& input) const {
    return answer_push(context(), parse_ref_updates(input));
  }
  [[nodiscard]] std::string line(const std::string& ref) const { return k_zeros + " " + m_commit + " " + ref + "\n"; }

private:
  git::GitFixture m_fixture;
  std::string m_commit = m_fixture.commit("Fix \x1b[31mlogin\n\nbody");
  git::Repository m_repository = git::Repository::open(m_fixture.source());
  std::vector<Rule> m_rules{{.kind = Rule::Kind::branch, .pattern = "main", .destination = {}},
                            {.kind = Rule::Kind::branch, .pattern = "release/1", .destination = {}}};
};

} // namespace

TEST_CASE("git's lines are read, and a missing side is empty") {
  const std::string one(40, '1');
  const auto updates =
      parse_ref_updates(k_zeros + " " + one + " refs/heads/main\n" + one + " " + k_zeros + " refs/tags/v1\n");
  REQUIRE(updates.size() == 2);
  CHECK(updates[0].old_commit.empty());
  CHECK(updates[0].new_commit == one);
  CHECK(updates[0].ref == "refs/heads/main");
  CHECK(updates[1].new_commit.empty());
}

TEST_CASE("nothing pushed is no update, and the last line needs no line feed") {
  CHECK(parse_ref_updates("").empty());
  CHECK(parse_ref_updates("\n").empty());
  CHECK(parse_ref_updates(k_zeros + " " + k_zeros + " refs/heads/main").size() == 1);
  CHECK(parse_ref_updates(std::string(64, '0') + " " + std::string(64, 'a') + " refs/heads/main").size() == 1);
}

TEST_CASE("a ref may have any characters that git lets it have") {
  const std::string ref = "refs/heads/f\xc3\xbcr-$(you);'\"#1";
  CHECK(parse_ref_updates(k_zeros + " " + k_zeros + " " + ref).at(0).ref == ref);
}

TEST_CASE("lines that git does not write are refused, shortened and harmless") {
  const std::string id(40, 'a');
  for (const std::string& line :
       {std::string("hello"), id, id + " " + id, id + " " + id + " ", " " + id + " refs/heads/main",
        id + "  " + id + " refs/heads/main", std::string(39, 'a') + " " + id + " refs/heads/main",
        std::string(40, 'A') + " " + id + " refs/heads/main", std::string(5000, '\x1b')}) {
    INFO(line.substr(0, 100));
    try {
      static_cast<void>(parse_ref_updates(line));
      FAIL("was taken");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      CHECK(error.message().size() < 250);
      CHECK(error.message().find('\x1b') == std::string::npos);
    }
  }
}

TEST_CASE("a branch that may be deployed makes an event of its commit") {
  const Pushed pushed;
  const PushAnswer answer = pushed.answer(pushed.line("refs/heads/main"));
  REQUIRE(answer.requests.size() == 1);
  CHECK(answer.notes.empty());
  CHECK(answer.requests[0].event.app == "shop");
  CHECK(answer.requests[0].event.trigger == Trigger::push);
  CHECK(answer.requests[0].event.ref == "refs/heads/main");
  CHECK(answer.requests[0].event.old_commit.empty());
  CHECK(answer.requests[0].event.new_commit == pushed.commit());
  CHECK(answer.requests[0].event.subject == "Fix ?[31mlogin");
  CHECK(answer.requests[0].destination == Color::green);
}

TEST_CASE("an empty push says how to deploy without one") {
  const PushAnswer answer = Pushed().answer("");
  CHECK(answer.requests.empty());
  REQUIRE(answer.notes.size() == 1);
  CHECK_THAT(answer.notes[0], ContainsSubstring("nothing was pushed") && ContainsSubstring("--redeploy"));
}

TEST_CASE("deletions, tags and other branches are answered in words, each") {
  const Pushed pushed;
  const PushAnswer answer =
      pushed.answer(pushed.commit() + " " + k_zeros + " refs/heads/main\n" + pushed.line("refs/tags/v1") +
                    pushed.line("refs/heads/feature/x\x1b[0m") + pushed.line("refs/notes/commits"));
  CHECK(answer.requests.empty());
  CHECK(answer.notes == std::vector<std::string>{
                            "'main' was deleted; nothing is deployed, and green stays as it is",
                            "tag 'v1' is kept; tags are not deployed here",
                            "'feature/x?[0m' is kept, but not deployed here: deployed are main, release/1",
                            "'refs/notes/commits' is kept, but not deployed here: deployed are main, release/1",
                        });
}

TEST_CASE("a branch that points to no commit is not deployed") {
  const Pushed pushed;
  const std::string blob = pushed.fixture().make_blob("text");
  for (const std::string& id : {blob, std::string(40, 'd'), std::string(64, 'e')}) {
    const PushAnswer answer = pushed.answer(k_zeros + " " + id + " refs/heads/main");
    CHECK(answer.requests.empty());
    REQUIRE(answer.notes.size() == 1);
    CHECK_THAT(answer.notes[0], ContainsSubstring("not deployed: " + id.substr(0, 7) + " is no commit"));
  }
}

TEST_CASE("of several branches in one push the one that the settings name first is deployed") {
  const Pushed pushed;
  const PushAnswer answer = pushed.answer(pushed.line("refs/heads/release/1") + pushed.line("refs/heads/main"));
  REQUIRE(answer.requests.size() == 1);
  CHECK(answer.requests[0].event.ref == "refs/heads/main");
  CHECK(answer.notes ==
        std::vector<std::string>{"'release/1' is kept, but not deployed: 'main' was pushed too, and comes first"});
}

TEST_CASE("a tag that has a deployable branch's name, and a branch named like a tag, are told apart") {
  const Pushed pushed;
  CHECK(pushed.answer(pushed.line("refs/tags/main")).requests.empty());
  CHECK(pushed.answer(pushed.line("refs/heads/refs/heads/main")).requests.empty());
  CHECK(pushed.answer(pushed.line("main")).requests.empty());
}

TEST_CASE("of several refs each destination gets one and a target that a rule names wins") {
  const Pushed pushed;
  const std::vector<Rule> rules{
      {.kind = Rule::Kind::tag, .pattern = "release-*", .destination = Destination::parse("heroku").value()},
      {.kind = Rule::Kind::branch, .pattern = "*", .destination = Destination::live()}};
  const PushContext context = pushed.context();
  const PushContext ruled{context.repository, context.app, context.destination, rules, context.at};
  const PushAnswer answer =
      answer_push(ruled, parse_ref_updates(pushed.line("refs/heads/main") + pushed.line("refs/heads/topic") +
                                           pushed.line("refs/tags/release-1")));
  REQUIRE(answer.requests.size() == 2);
  CHECK(answer.requests[0].event.ref == "refs/tags/release-1");
  CHECK(answer.requests[0].destination.text() == "heroku");
  CHECK(answer.requests[1].event.ref == "refs/heads/main");
  CHECK(answer.requests[1].destination == Color::green);
  CHECK(answer.notes ==
        std::vector<std::string>{"'topic' is kept, but not deployed: 'main' was pushed too, and comes first"});
}

TEST_CASE("a tag goes where its rule says, whichever repository it was pushed to") {
  const Pushed pushed;
  const std::vector<Rule> rules{
      {.kind = Rule::Kind::branch, .pattern = "main", .destination = {}},
      {.kind = Rule::Kind::tag, .pattern = "release-*", .destination = Destination::parse("heroku")}};
  PushContext context = pushed.context();
  const PushContext ruled{context.repository, "shop", Color::green, rules, context.at};
  const auto answer =
      answer_push(ruled, parse_ref_updates(pushed.line("refs/tags/release-1") + pushed.line("refs/heads/main")));
  REQUIRE(answer.requests.size() == 2);
  CHECK(answer.requests[0].destination == Destination(Color::green));
  CHECK(answer.requests[1].destination.text() == "heroku");
  CHECK(answer.requests[1].event.ref == "refs/tags/release-1");
  const auto gone = answer_push(ruled, parse_ref_updates(pushed.commit() + " " + k_zeros + " refs/tags/release-1\n"));
  CHECK(gone.requests.empty());
  CHECK(gone.notes ==
        std::vector<std::string>{"'release-1' was deleted; nothing is deployed, and heroku stays as it is"});
}

TEST_CASE("a tag that was moved is deployed or kept as the settings say") {
  const Pushed pushed;
  const std::vector<Rule> rules{{.kind = Rule::Kind::tag, .pattern = "*", .destination = {}}};
  const PushContext context = pushed.context();
  const std::string moved = std::string(40, '1') + " " + pushed.commit() + " refs/tags/v1\n";
  PushContext ruled{context.repository, "shop", Color::green, rules, context.at};
  CHECK(answer_push(ruled, parse_ref_updates(moved)).requests.size() == 1);
  ruled.deploys_moved_tags = false;
  const auto kept = answer_push(ruled, parse_ref_updates(moved));
  CHECK(kept.requests.empty());
  CHECK(kept.notes == std::vector<std::string>{"tag 'v1' was moved, and is not deployed: moved_tags is keep"});
  CHECK(answer_push(ruled, parse_ref_updates(pushed.line("refs/tags/v2"))).requests.size() == 1);
}
