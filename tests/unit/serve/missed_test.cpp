#include "observe_fixture.hpp"
#include "serve/missed.hpp"

using namespace teal;
using Kind = SourceSettings::Forge;

namespace {

class MissedFixture : public ObserveFixture {
protected:
  explicit MissedFixture(ForgeStandIn::Kind kind = ForgeStandIn::Kind::github) : ObserveFixture(kind) {
    m_clock.time = SystemClock().now();
  }

  serve::MissedPlace place() {
    return {
        m_home, m_environment, m_clock, m_log, m_store, {}, [this](const std::string& app) { m_noticed += app + " "; }};
  }
  void fetch() { serve::fetch_missed(place(), observed(), *api(observed())); }
  void push(const std::string& commit) {
    static_cast<void>(m_forge.push("refs/heads/main", std::string(40, '0'), commit));
  }
  std::vector<StoredDelivery> waiting() { return m_store.deliveries.due("shop", m_clock.now(), 100); }

  Environment m_environment = environment();
  std::string m_noticed;
};

class MissedAtGitea : public MissedFixture {
protected:
  MissedAtGitea() : MissedFixture(ForgeStandIn::Kind::gitea) {
    static_cast<void>(observe(wish(Kind::gitea, "gitea")));
    serve::note_branches(place(), observed());
  }
};

} // namespace

TEST_CASE_METHOD(MissedFixture, "a delivery that failed is asked for again, until it was tried often enough") {
  static_cast<void>(observe(wish()));
  fetch();
  CHECK(m_forge.deliveries().empty());
  push(m_first); // nobody listens
  for (int i = 0; i < 6; ++i) {
    fetch();
    wait_until([&] { return m_forge.deliveries().size() >= static_cast<std::size_t>(std::min(i + 2, 4)); },
               std::chrono::seconds(10), "another attempt");
  }
  CHECK(m_forge.deliveries().size() == 4);
  CHECK(m_forge.deliveries().back().is_again);
  CHECK_THAT(logged(), ContainsSubstring("4 attempts to deliver it failed: it is not asked for again"));
}

TEST_CASE_METHOD(MissedFixture, "what reached us is not asked for again, though the forge never saw our answer") {
  static_cast<void>(observe(wish()));
  push(m_first);
  static_cast<void>(m_store.deliveries.add({{.app = "shop",
                                             .source = "github",
                                             .sender = m_forge.deliveries().at(0).guid,
                                             .refs = {{"refs/heads/main", m_first}},
                                             .headers = {},
                                             .payload = {},
                                             .at = m_clock.now(),
                                             .outcome = {}}}));
  fetch();
  const auto asked = m_forge.requests();
  CHECK(std::none_of(asked.begin(), asked.end(),
                     [](const std::string& one) { return one.find("attempts") != std::string::npos; }));
  CHECK(m_store.source_checks.checked("shop", "github") == m_clock.now());
}

TEST_CASE_METHOD(MissedFixture, "a check that failed is made again from where the one before ended") {
  static_cast<void>(observe(wish()));
  fetch();
  const auto before = m_store.source_checks.checked("shop", "github");
  m_clock.time += std::chrono::minutes(5);
  m_forge.have_trouble({.count = 3, .status = 502, .path = "deliveries"});
  CHECK_THROWS_AS(fetch(), forge::ApiError);
  CHECK(m_store.source_checks.checked("shop", "github") == before);
  m_forge.change_hooks([](auto& hooks) { hooks.clear(); });
  CHECK_THROWS_WITH(fetch(), "no webhook of 'ada/shop' delivers here: tealhook observe shop --source github");
}

TEST_CASE_METHOD(MissedAtGitea, "where a forge lists no deliveries, a branch that has moved makes one") {
  fetch();
  CHECK(waiting().empty());
  write("web/index.html", "2");
  const std::string second = commit("the second one");
  fetch();
  REQUIRE(waiting().size() == 1);
  CHECK(waiting()[0].refs == std::vector<AskedRef>{{"refs/heads/main", second}});
  CHECK(m_noticed == "shop ");
  CHECK_THAT(logged(), ContainsSubstring("and no delivery said so"));
  fetch();
  CHECK(waiting().size() == 1);
}

TEST_CASE_METHOD(MissedAtGitea, "a branch whose delivery came is not asked for once more") {
  write("web/index.html", "2");
  const std::string second = commit("the second one");
  Event event = event_of("shop");
  event.trigger = Trigger::webhook;
  event.who = "source:gitea";
  event.new_commit = second;
  m_store.queue.enqueue(event, Destination::idle());
  fetch();
  CHECK(waiting().empty());
  CHECK(m_store.source_checks.commit("shop", "gitea", "refs/heads/main") == second);
}

TEST_CASE_METHOD(MissedAtGitea, "a source that is away is told as such") {
  std::filesystem::rename(source(), folder() / "elsewhere");
  CHECK_THROWS_WITH(fetch(), ContainsSubstring("cannot fetch from"));
}
