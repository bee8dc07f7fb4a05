#include "observe_fixture.hpp"

#include <sys/stat.h>
#include <utime.h>

using namespace teal;
using Kind = SourceSettings::Forge;
using serve::HookState;
using serve::Registration;

TEST_CASE_METHOD(ObserveFixture, "observing makes a source with a secret of our own and registers its webhook") {
  CHECK(observe(wish()).outcome == Registration::Outcome::created);
  const auto source = observed();
  CHECK(source.settings.name == "github");
  CHECK(source.settings.kind == SourceSettings::Kind::webhook);
  CHECK(source.settings.repo == "ada/shop");
  CHECK(source.settings.url == this->source().string());
  CHECK(source.hook_url() == "http://127.0.0.1:9/hook/shop/github");
  CHECK(source.reports());
  CHECK_THAT(settings(), ContainsSubstring("50100}} # two\n")); // comments stay
  struct stat facts {};
  REQUIRE(::stat(secret_file().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777U) == 0600);
  const auto secrets = serve::read_secrets(secret_file());
  REQUIRE(secrets.size() == 1);
  CHECK(secrets[0].size() == 64);
  REQUIRE(m_forge.hooks().size() == 1);
  const auto hook = m_forge.hooks()[0];
  CHECK(hook.url == source.hook_url());
  CHECK(hook.secret == secrets[0]);
  CHECK(hook.content_type == "json");
  CHECK(hook.events == std::vector<std::string>{"push"});
}

TEST_CASE_METHOD(ObserveFixture, "observing again changes nothing, and what has drifted is mended") {
  static_cast<void>(observe(wish()));
  const std::string before = settings();
  CHECK(observe(wish()).outcome == Registration::Outcome::unchanged);
  CHECK(observe({.app = "shop"}).outcome == Registration::Outcome::unchanged); // as it is configured
  CHECK(settings() == before);
  m_forge.change_hooks([](auto& hooks) {
    hooks[0].is_active = false;
    hooks[0].content_type = "form";
    hooks.push_back(hooks[0]);
    hooks[1].id = "77";
  });
  CHECK(serve::state_of(m_home, observed(), options(), m_clock).kind == HookState::Kind::drifted);
  const auto mended = observe(wish());
  CHECK(mended.outcome == Registration::Outcome::mended);
  CHECK(mended.mended ==
        std::vector<std::string>{"there was a second one", "it is switched off", "it sends forms in place of JSON"});
  REQUIRE(m_forge.hooks().size() == 1);
  CHECK(m_forge.hooks()[0].is_active);
  CHECK(serve::state_of(m_home, observed(), options(), m_clock).kind == HookState::Kind::ok);
}

TEST_CASE_METHOD(ObserveFixture, "a secret that is not known here any more is set anew") {
  static_cast<void>(observe(wish()));
  std::filesystem::remove(secret_file());
  CHECK(observe(wish()).mended == std::vector<std::string>{"its secret is set anew"});
  CHECK(m_forge.hooks().at(0).secret == serve::read_secrets(secret_file()).at(0));
}

TEST_CASE_METHOD(ObserveFixture, "with another url of ours the webhook of the one before goes") {
  static_cast<void>(observe(wish()));
  auto moved = wish();
  moved.public_url = "http://127.0.0.1:10/base";
  CHECK(observe(moved).outcome == Registration::Outcome::created);
  REQUIRE(m_forge.hooks().size() == 1);
  CHECK(m_forge.hooks()[0].url == "http://127.0.0.1:10/base/hook/shop/github");
}

TEST_CASE_METHOD(ObserveFixture, "what others have registered stays, on whatever page it is") {
  ForgeStandIn forge({.clone_url = source().string(), .largest_page = 2});
  auto wanted = wish();
  wanted.api = forge.api();
  forge.change_hooks([](auto& hooks) {
    for (int i = 0; i < 5; ++i) {
      hooks.push_back({.id = "o" + std::to_string(i), .url = "https://other.test/" + std::to_string(i)});
    }
  });
  CHECK(observe(wanted).outcome == Registration::Outcome::created);
  CHECK(observe(wanted).outcome == Registration::Outcome::unchanged);
  CHECK(forge.hooks().size() == 6);
  CHECK(serve::unregister_hook(observed(), *api(observed())) == 1);
  CHECK(forge.hooks().size() == 5);
}

TEST_CASE_METHOD(ObserveFixture, "while a secret is changed both are taken, and after a day the one before is not") {
  static_cast<void>(observe(wish()));
  const auto first = serve::read_secrets(secret_file()).at(0);
  serve::rotate_secret(m_home, observed(), *api(observed()));
  const auto both = serve::read_secrets(secret_file());
  REQUIRE(both.size() == 2);
  CHECK(both[1] == first);
  CHECK(m_forge.hooks()[0].secret == both[0]);
  CHECK_FALSE(serve::settle_rotation(m_home, observed(), *api(observed())));
  const utimbuf long_ago{1'000'000'000, 1'000'000'000};
  REQUIRE(::utime(secret_file().c_str(), &long_ago) == 0);
  m_forge.change_hooks([&](auto& hooks) { hooks[0].secret = first; }); // as if it had been killed before it told it
  CHECK(serve::settle_rotation(m_home, observed(), *api(observed())));
  CHECK(serve::read_secrets(secret_file()) == webhook::Secrets{both[0]});
  CHECK(m_forge.hooks()[0].secret == both[0]);
}

TEST_CASE_METHOD(ObserveFixture, "a forge that fails while a secret is changed leaves both good") {
  static_cast<void>(observe(wish()));
  const auto first = serve::read_secrets(secret_file()).at(0);
  const auto id = m_forge.hooks()[0].id;
  m_forge.have_trouble({.count = 3, .status = 503, .path = "/hooks/" + id});
  CHECK_THROWS_WITH(serve::rotate_secret(m_home, observed(), *api(observed())),
                    ContainsSubstring("answers 503") && ContainsSubstring("both, the new one and the one before"));
  CHECK(serve::read_secrets(secret_file()).at(1) == first);
  CHECK(m_forge.hooks()[0].secret == first);
  CHECK(observe(wish()).outcome == Registration::Outcome::unchanged);
  CHECK(m_forge.hooks()[0].secret == serve::read_secrets(secret_file()).at(0));
}

TEST_CASE_METHOD(ObserveFixture,
                 "a source that is there already is taken over with its secret, others are left alone") {
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret}, {name: github, kind: poll, url: /r, "
              "branch: main}");
  CHECK_THROWS_WITH(observe(wish()), ContainsSubstring("has a source 'github' of another kind already"));
  auto named = wish();
  named.source = "hub";
  CHECK(observe(named).outcome == Registration::Outcome::created);
  CHECK(m_forge.hooks().at(0).secret == "It's a Secret");
  CHECK(observed().settings.secret_file == "hub.secret");
  named.repo = "ada/other";
  CHECK_THROWS_WITH(observe(named), ContainsSubstring("observes 'ada/shop' already"));
}

TEST_CASE_METHOD(ObserveFixture, "what is missing is named, and nothing is made") {
  const std::string before = settings();
  auto wanted = wish();
  wanted.public_url.clear();
  CHECK_THROWS_WITH(observe(wanted), ContainsSubstring("nobody said how a forge reaches us"));
  CHECK_THROWS_WITH(observe({.app = "shop"}), ContainsSubstring("observes nothing yet: give --forge"));
  wanted = wish();
  wanted.token_file.clear();
  CHECK_THROWS_WITH(observe(wanted), ContainsSubstring("needs --token-file FILE"));
  wanted = wish();
  wanted.repo = "ada/nothing";
  CHECK_THROWS_WITH(observe(wanted), ContainsSubstring("knows nothing of the repository 'ada/nothing'"));
  wanted = wish();
  wanted.public_url = "no url";
  CHECK_THROWS_AS(observe(wanted), Error);
  CHECK(settings() == before);
  CHECK_FALSE(std::filesystem::exists(secret_file()));
}

TEST_CASE_METHOD(ObserveFixture, "a token that came without a file gets one for us alone, and goes with the source") {
  auto wanted = wish();
  wanted.token_file.clear();
  wanted.token = m_forge_token;
  static_cast<void>(observe(wanted));
  const auto file = m_home.app("shop").root / "github.token";
  CHECK(observed().settings.token_file == "github.token");
  CHECK(forge::read_token(file) == m_forge_token);
  m_store.source_checks.set_checked("shop", "github", m_clock.now());
  CHECK(serve::unregister_hook(observed(), *api(observed())) == 1);
  serve::forget(m_home, observed(), m_store.source_checks);
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK_FALSE(std::filesystem::exists(secret_file()));
  CHECK_FALSE(m_store.source_checks.checked("shop", "github"));
  CHECK(load_app_settings(m_home, "shop").sources.empty());
  CHECK_THROWS_WITH(observed(), "nothing is observed for 'shop'");
}

TEST_CASE_METHOD(ObserveFixture, "how a webhook is, is as its forge says it") {
  static_cast<void>(observe(wish()));
  m_forge.change_hooks([](auto& hooks) { hooks.clear(); });
  CHECK(serve::state_of(m_home, observed(), options(), m_clock).kind == HookState::Kind::missing);
  m_forge.have_trouble({.count = 3, .status = 500});
  CHECK(serve::state_of(m_home, observed(), options(), m_clock).kind == HookState::Kind::unreachable);
  write_file(token_file(), "wrong\n", 0600);
  const auto state = serve::state_of(m_home, observed(), options(), m_clock);
  CHECK(state.kind == HookState::Kind::unreachable);
  CHECK_THAT(state.text, ContainsSubstring("does not take the token (401)"));
}

TEST_CASE("each kind of forge is observed and left") {
  class Fixture : public ObserveFixture {
  public:
    explicit Fixture(ForgeStandIn::Kind kind) : ObserveFixture(kind) {}
    void check(Kind kind, const std::string& name) {
      CHECK(observe(wish(kind, name)).outcome == Registration::Outcome::created);
      CHECK(observe(wish(kind, name)).outcome == Registration::Outcome::unchanged);
      CHECK(observed().settings.name == name);
      REQUIRE(m_forge.hooks().size() == 1);
      CHECK(m_forge.hooks()[0].secret == serve::read_secrets(m_home.app("shop").root / (name + ".secret")).at(0));
      m_forge.change_hooks([](auto& hooks) { hooks[0].events.clear(); });
      CHECK(observe(wish(kind, name)).outcome == Registration::Outcome::mended);
      CHECK_FALSE(m_forge.hooks()[0].events.empty());
      CHECK(serve::unregister_hook(observed(), *api(observed())) == 1);
      CHECK(serve::unregister_hook(observed(), *api(observed())) == 0); // somebody did that by hand
    }
  };
  Fixture(ForgeStandIn::Kind::gitea).check(Kind::gitea, "forgejo");
  Fixture(ForgeStandIn::Kind::gitlab).check(Kind::gitlab, "gitlab");
  Fixture(ForgeStandIn::Kind::bitbucket).check(Kind::bitbucket, "bitbucket");
}
