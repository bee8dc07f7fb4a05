#include "core/error.hpp"
#include "store/actions.hpp"
#include "store/principals.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

namespace {

constexpr auto k_key = Principal::Kind::ssh_key;
constexpr auto k_token = Principal::Kind::api_token;

class PrincipalsFixture : public StoreFixture {
protected:
  [[nodiscard]] static Credential credential(Principal::Kind kind, const std::string& name, const std::string& proof) {
    return {.principal = {.kind = kind, .name = name, .grants = {{.app = "shop", .verbs = {Verb::push, Verb::logs}}}},
            .proof = proof,
            .fingerprint = "SHA256:x"};
  }

  Principals m_principals{m_database, m_clock};
  Actions m_actions{m_database, m_clock};
  Principal m_root{.kind = Principal::Kind::local_user, .name = "root", .grants = {}, .origin = {.from = "192.0.2.1"}};
};

} // namespace

TEST_CASE_METHOD(PrincipalsFixture, "a key is found by its name and by what it is, with what it may") {
  m_principals.add(credential(k_key, "anna", "ssh-ed25519 A"), m_root);
  const auto found = m_principals.find(k_key, "anna");
  REQUIRE(found);
  CHECK(found->principal.text() == "key:anna");
  CHECK(found->principal.grants == std::vector<Grant>{{.app = "shop", .verbs = {Verb::logs, Verb::push}}});
  CHECK(found->proof == "ssh-ed25519 A");
  CHECK(found->fingerprint == "SHA256:x");
  CHECK(found->created == m_clock.time);
  CHECK_FALSE(found->last_used);
  CHECK(m_principals.find_by_proof(k_key, "ssh-ed25519 A")->principal.name == "anna");
  CHECK_FALSE(m_principals.find_by_proof(k_token, "ssh-ed25519 A"));
  CHECK_FALSE(m_principals.find(k_token, "anna"));
}

TEST_CASE_METHOD(PrincipalsFixture, "a name is one key's, a key has one name, and a token may be called the same") {
  m_principals.add(credential(k_key, "anna", "ssh-ed25519 A"), m_root);
  CHECK_THROWS_WITH(m_principals.add(credential(k_key, "anna", "ssh-ed25519 B"), m_root),
                    "there is a key 'anna' already, and it is another one; first: tealhook key remove anna");
  CHECK_THROWS_WITH(m_principals.add(credential(k_key, "ben", "ssh-ed25519 A"), m_root),
                    "that key is there as 'anna' already; use that name, or first: tealhook key remove anna");
  m_principals.add(credential(k_token, "anna", "00"), m_root);
  CHECK(m_principals.list(k_key).size() == 1);
  CHECK(m_principals.list(k_token).size() == 1);
}

TEST_CASE_METHOD(PrincipalsFixture, "what was removed is nobody, and its name and key can be given anew") {
  m_principals.add(credential(k_key, "anna", "ssh-ed25519 A"), m_root);
  CHECK(m_principals.remove(k_key, "anna", m_root));
  CHECK_FALSE(m_principals.remove(k_key, "anna", m_root));
  CHECK_FALSE(m_principals.find(k_key, "anna"));
  CHECK_FALSE(m_principals.find_by_proof(k_key, "ssh-ed25519 A"));
  CHECK(m_principals.list(k_key).empty());
  CHECK_THROWS_AS(m_principals.set_grants({.kind = k_key, .name = "anna", .grants = {}}, m_root), Error);
  m_principals.add(credential(k_key, "anna", "ssh-ed25519 A"), m_root);
  CHECK(m_principals.list(k_key).size() == 1);
}

TEST_CASE_METHOD(PrincipalsFixture, "grants are replaced whole, and that they are the same is said") {
  m_principals.add(credential(k_key, "anna", "ssh-ed25519 A"), m_root);
  Principal anna = m_principals.find(k_key, "anna")->principal;
  CHECK_FALSE(m_principals.set_grants(anna, m_root));
  anna.grants = {{.app = "web-*", .verbs = {Verb::read}}};
  CHECK(m_principals.set_grants(anna, m_root));
  CHECK(m_principals.find(k_key, "anna")->principal.grants == anna.grants);
}

TEST_CASE_METHOD(PrincipalsFixture, "an app that is removed takes with it what might be done to it, but no pattern") {
  Credential anna = credential(k_key, "anna", "ssh-ed25519 A");
  anna.principal.grants.push_back({.app = "*", .verbs = {Verb::read}});
  m_principals.add(anna, m_root);
  m_history.forget_app("shop");
  CHECK(m_principals.find(k_key, "anna")->principal.grants == std::vector<Grant>{{.app = "*", .verbs = {Verb::read}}});
}

TEST_CASE_METHOD(PrincipalsFixture, "a verb that only a newer tealhook knows is not granted") {
  m_principals.add(credential(k_key, "anna", "ssh-ed25519 A"), m_root);
  m_database.handle().exec("INSERT INTO grants (principal_id, app, verb) VALUES (1, 'shop', 'teleport')");
  CHECK(m_principals.find(k_key, "anna")->principal.grants.front().verbs == std::set{Verb::push, Verb::logs});
}

TEST_CASE_METHOD(PrincipalsFixture, "use is noted once a minute and keeps nobody out where it cannot be") {
  m_principals.add(credential(k_token, "ci", "00"), m_root);
  const TimePoint first = m_clock.time;
  m_principals.note_use(*m_principals.find(k_token, "ci"));
  CHECK(m_principals.find(k_token, "ci")->last_used == first);
  m_clock.time += std::chrono::seconds(59);
  m_principals.note_use(*m_principals.find(k_token, "ci"));
  CHECK(m_principals.find(k_token, "ci")->last_used == first);
  m_clock.time += std::chrono::seconds(1);
  m_principals.note_use(*m_principals.find(k_token, "ci"));
  CHECK(m_principals.find(k_token, "ci")->last_used == m_clock.time);

  m_clock.time += std::chrono::minutes(2);
  m_database.handle().exec("PRAGMA query_only = 1");
  CHECK_NOTHROW(m_principals.note_use(*m_principals.find(k_token, "ci")));
}

TEST_CASE_METHOD(PrincipalsFixture, "who was let in and put out is on record of each app that it is about") {
  Credential anna = credential(k_key, "anna", "ssh-ed25519 A");
  anna.principal.grants.push_back({.app = "web-*", .verbs = {Verb::read}});
  m_principals.add(anna, m_root);
  m_principals.remove(k_key, "anna", m_root);
  const auto shop = m_actions.audit("shop", 10);
  REQUIRE(shop.size() == 2);
  CHECK(shop[0].verb == "key remove");
  CHECK(shop[1].verb == "key add");
  CHECK(shop[1].text == "anna: logs, push");
  CHECK(shop[1].who == "root");
  CHECK(shop[1].origin.from == "192.0.2.1");
  CHECK(m_actions.audit("web-shop", 10).size() == 2);
  CHECK(m_actions.audit("blog", 10).empty());
  CHECK(m_actions.audit(std::nullopt, 10).size() == 4);
}

TEST_CASE_METHOD(PrincipalsFixture, "that somebody may do no more with an app is on its record") {
  m_principals.add(credential(k_key, "anna", "ssh-ed25519 A"), m_root);
  m_principals.set_grants({.kind = k_key, .name = "anna", .grants = {{.app = "blog", .verbs = {Verb::read}}}}, m_root);
  const auto shop = m_actions.audit("shop", 10);
  REQUIRE(shop.size() == 2);
  CHECK(shop[0].verb == "key remove");
  CHECK(shop[0].text == "anna: logs, push");
  CHECK(m_actions.audit("blog", 10).front().verb == "key add");
}
