#include "observe_fixture.hpp"
#include "serve/status_work.hpp"

using namespace teal;
using Kind = SourceSettings::Forge;

namespace {

class StatusFixture : public ObserveFixture {
protected:
  explicit StatusFixture(ForgeStandIn::Kind kind = ForgeStandIn::Kind::github) : ObserveFixture(kind) {}

  std::optional<Milliseconds> tell() {
    serve::ObservedApps apps;
    if (auto sources = serve::observed_sources(m_home, "shop"); !sources.empty()) {
      apps["shop"] = std::move(sources);
    }
    return m_work.work(m_store, apps, {});
  }
  std::int64_t ask(const std::string& commit, const Destination& destination,
                   const std::string& who = "source:github") {
    Event event = event_of("shop");
    event.trigger = Trigger::webhook;
    event.who = who;
    event.new_commit = commit;
    return m_store.queue.enqueue(event, destination).deployment.id;
  }
  void finish(std::int64_t id, Status status, const std::string& outcome) {
    m_store.queue.finish(id, status, {.text = outcome});
  }
  std::string states() const {
    std::string all;
    for (const auto& one : m_forge.statuses()) {
      all += one.state + " ";
    }
    return all;
  }

  serve::StatusWork m_work{m_home, m_clock, m_log};
  const std::string m_commit = std::string(40, 'c');
};

class StatusAtGitlab : public StatusFixture {
protected:
  StatusAtGitlab() : StatusFixture(ForgeStandIn::Kind::gitlab) {}
};

} // namespace

TEST_CASE_METHOD(StatusFixture, "a forge is told that a commit is deployed, and then how that ended") {
  static_cast<void>(observe(wish()));
  const auto id = ask(m_commit, Color::blue);
  CHECK_FALSE(tell());
  CHECK_FALSE(tell());
  REQUIRE(m_store.queue.begin(id, Color::blue));
  CHECK_FALSE(tell());
  REQUIRE(m_forge.statuses().size() == 1); // one that waits and one that runs are the same to it
  const auto pending = m_forge.statuses()[0];
  CHECK(pending.commit == m_commit);
  CHECK(pending.state == "pending");
  CHECK(pending.context == "tealhook/shop/blue");
  CHECK(pending.target_url == fmt::format("http://127.0.0.1:9/api/v1/deployments/{}/log", id));
  finish(id, Status::ready, "http://localhost:50101/");
  CHECK_FALSE(tell());
  CHECK_FALSE(tell());
  REQUIRE(m_forge.statuses().size() == 2);
  CHECK(m_forge.statuses()[1].state == "success");
  CHECK(m_forge.statuses()[1].context == pending.context);
  CHECK(m_forge.statuses()[1].description == fmt::format("deployment {} to blue: http://localhost:50101/", id));
  REQUIRE(m_forge.deployments().size() == 1);
  CHECK(m_forge.deployments()[0].environment == "blue");
  CHECK(m_forge.deployments()[0].commit == m_commit);
  CHECK(m_forge.deployments()[0].states == std::vector<std::string>{"in_progress", "success"});
  CHECK(m_store.status_reports.list().empty());
}

TEST_CASE_METHOD(StatusFixture,
                 "only the newest state counts, and what failed is told in one line that is not too long") {
  static_cast<void>(observe(wish()));
  const auto id = ask(m_commit, Destination::live());
  finish(id, Status::failed, "cannot build: " + std::string(300, 'x') + "\n\x1b[2J");
  CHECK_FALSE(tell());
  CHECK(states() == "failure ");
  CHECK(m_forge.statuses()[0].context == "tealhook/shop");
  CHECK(m_forge.statuses()[0].description.size() == 140);
  const auto superseded = ask(m_commit, Destination::idle());
  finish(superseded, Status::superseded, "superseded by deployment 9");
  CHECK_FALSE(tell());
  CHECK(states() == "failure error ");
}

TEST_CASE_METHOD(StatusFixture, "only what a source of the forge asked for is told, and where that is wanted") {
  static_cast<void>(observe(wish()));
  static_cast<void>(ask(m_commit, Color::blue, "ann"));
  CHECK_FALSE(tell());
  CHECK(m_forge.statuses().empty());
  Event again = event_of("shop"); // by hand, of a commit that came from there
  again.repository = m_home.app("shop").source_repository("github").string();
  again.new_commit = m_commit;
  m_store.queue.enqueue(again, Color::green);
  CHECK_FALSE(tell());
  CHECK(states() == "pending ");
  const std::string text = settings();
  write_file(m_home.app("shop").settings(), text.substr(0, text.rfind('}')) + ", statuses: false}]\n");
  static_cast<void>(ask(m_commit, Color::blue));
  CHECK_FALSE(tell());
  CHECK(states() == "pending ");
  CHECK(m_store.status_reports.list().empty());
}

TEST_CASE_METHOD(StatusFixture, "a forge that is away is told later, and that is said once") {
  static_cast<void>(observe(wish()));
  m_forge.have_trouble({.count = 2, .status = 503});
  const auto id = ask(m_commit, Color::blue);
  CHECK(tell() == Milliseconds(5000));
  CHECK(tell() == Milliseconds(5000));
  CHECK_FALSE(m_forge.is_well());
  m_clock.time += std::chrono::seconds(5);
  CHECK(tell() == Milliseconds(10'000));
  CHECK(m_forge.is_well());
  finish(id, Status::ready, "it runs");
  const auto other = ask(m_commit, Color::green); // of the same forge: it waits as well
  static_cast<void>(other);
  CHECK(tell() == Milliseconds(10'000));
  CHECK(m_forge.statuses().empty());
  m_clock.time += std::chrono::seconds(10);
  CHECK_FALSE(tell());
  CHECK(states() == "success pending ");
  const std::string log = logged();
  CHECK(log.find("is told later") == log.rfind("is told later"));
}

TEST_CASE_METHOD(StatusFixture, "a rate limit is kept to") {
  static_cast<void>(observe(wish()));
  static_cast<void>(ask(m_commit, Color::blue));
  m_forge.have_trouble({.status = 429, .headers = {{"Retry-After", "90"}}});
  CHECK(tell() == Milliseconds(90'000));
  m_clock.time += std::chrono::seconds(90);
  CHECK_FALSE(tell());
  CHECK(states() == "pending ");
}

TEST_CASE_METHOD(StatusFixture, "what a forge refuses for good, or for a day, is given up and said") {
  static_cast<void>(observe(wish()));
  static_cast<void>(ask("nocommit", Color::blue)); // 422
  CHECK_FALSE(tell());
  CHECK_THAT(logged(), ContainsSubstring("the forge is not told what became of it: 127.0.0.1 answers 422"));
  CHECK(m_store.status_reports.list().empty());
  static_cast<void>(ask(m_commit, Color::blue));
  write_file(token_file(), "wrong\n", 0600);
  CHECK(tell());
  m_clock.time += std::chrono::hours(25);
  CHECK_FALSE(tell());
  CHECK_THAT(logged(), ContainsSubstring("not told what became of it: 127.0.0.1 does not take the token (401)"));
  CHECK(m_store.status_reports.list().empty());
}

TEST_CASE_METHOD(StatusFixture, "a token that may make no deployments still tells a commit's status") {
  static_cast<void>(observe(wish()));
  m_forge.have_trouble({.count = 9, .status = 403, .path = "/deployments"});
  const auto id = ask(m_commit, Color::blue);
  CHECK_FALSE(tell());
  finish(id, Status::ready, "it runs");
  CHECK_FALSE(tell());
  CHECK(states() == "pending success ");
  CHECK(m_forge.deployments().empty());
  const std::string log = logged();
  CHECK(log.find("no deployment is made there") == log.rfind("no deployment is made there"));
}

TEST_CASE_METHOD(StatusFixture, "what a killed daemon had not told is told by the next one") {
  static_cast<void>(observe(wish()));
  const auto id = ask(m_commit, Color::blue);
  CHECK_FALSE(tell());
  finish(id, Status::ready, "it runs");
  serve::StatusWork next{m_home, m_clock, m_log};
  CHECK_FALSE(next.work(m_store, {{"shop", serve::observed_sources(m_home, "shop")}}, {}));
  CHECK(states() == "pending success ");
  CHECK(m_forge.deployments().size() == 1);
}

TEST_CASE_METHOD(StatusAtGitlab, "GitLab is told in its own words") {
  static_cast<void>(observe(wish(Kind::gitlab, "gitlab")));
  const auto id = ask(m_commit, Color::blue, "source:gitlab");
  CHECK_FALSE(tell());
  finish(id, Status::cancelled, "cancelled by ann");
  CHECK_FALSE(tell());
  CHECK(states() == "pending canceled ");
}
