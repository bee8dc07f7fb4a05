#include "access/token.hpp"
#include "support/catch.hpp"
#include "unit/store/store_fixture.hpp"

#include <set>

using namespace teal;

namespace {

class TokenFixture : public StoreFixture {
protected:
  std::string add(const std::string& name) {
    const std::string secret = make_token();
    m_principals.add({.principal = {.kind = Principal::Kind::api_token,
                                    .name = name,
                                    .grants = {{.app = "shop", .verbs = {Verb::deploy}}}},
                      .proof = hash_of_token(secret)},
                     m_root);
    return secret;
  }

  Principals m_principals{m_database, m_clock};
  Principal m_root{.kind = Principal::Kind::local_user, .name = "root", .grants = {}};
};

} // namespace

TEST_CASE("a token is told by its beginning, fit for an address, and never made twice") {
  std::set<std::string> made;
  for (int i = 0; i < 100; ++i) {
    const std::string token = make_token();
    CHECK(token.size() == 9 + 64);
    CHECK(token.starts_with("tealhook_"));
    CHECK(token.find_first_not_of("tealhook_0123456789abcdef") == std::string::npos);
    made.insert(token);
  }
  CHECK(made.size() == 100);
}

TEST_CASE_METHOD(TokenFixture, "a token is its principal's with what it may, and its use is noted") {
  const std::string ci = add("ci");
  const std::string other = add("other");
  const auto found = principal_of_token(m_principals, ci);
  REQUIRE(found);
  CHECK(found->text() == "token:ci");
  CHECK(may(*found, "shop", Verb::deploy).yes);
  CHECK_FALSE(may(*found, "blog", Verb::deploy).yes);
  CHECK(principal_of_token(m_principals, other)->name == "other");
  CHECK(m_principals.find(Principal::Kind::api_token, "ci")->last_used == m_clock.time);
  CHECK(m_principals.find(Principal::Kind::api_token, "ci")->proof.find(ci.substr(9)) == std::string::npos);
}

TEST_CASE_METHOD(TokenFixture, "what is no token, or one that was removed, is nobody") {
  const std::string ci = add("ci");
  for (const std::string& text :
       {std::string(), ci.substr(1), ci + "0", ci.substr(0, 72), "tealhook_" + std::string(64, 'z'), make_token(),
        hash_of_token(ci), std::string(1 << 20U, 'a')}) {
    CHECK_FALSE(principal_of_token(m_principals, text));
  }
  m_principals.remove(Principal::Kind::api_token, "ci", m_root);
  CHECK_FALSE(principal_of_token(m_principals, ci));
}
