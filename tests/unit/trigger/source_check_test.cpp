#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "trigger/source_check.hpp"
#include "unit/git/git_fixture.hpp"

using namespace teal;

namespace {

class SourceCheckFixture : public git::GitFixture {
protected:
  SourceCheckFixture() {
    write("file", "1");
    m_first = commit();
    std::filesystem::create_directories(m_app.root);
  }
  [[nodiscard]] std::string check() const { return check_source(m_app, m_settings, m_source, environment()); }

  AppFolder m_app{folder() / "apps" / "shop"};
  AppSettings m_settings;
  SourceSettings m_source{
      .name = "mirror", .kind = SourceSettings::Kind::poll, .url = source().string(), .branch = "main"};
  std::string m_first;
};

} // namespace

TEST_CASE_METHOD(SourceCheckFixture, "a branch that can be read is told with its commit") {
  CHECK(check() == "'main' is " + m_first.substr(0, 7) + " at '" + source().string() + "'");
  m_source.branch = "other";
  CHECK_THROWS_WITH(check(), ContainsSubstring("has no branch 'other'"));
  git({"branch", "other"});
  CHECK_THROWS_WITH(check(), ContainsSubstring("'other' is never deployed: deployed are main, master"));
  m_settings.branches = {"other"};
  CHECK_THAT(check(), ContainsSubstring("'other' is"));
}

TEST_CASE_METHOD(SourceCheckFixture, "tags need a rule that deploys some") {
  m_source.branch = "";
  m_source.tag = "v*";
  git({"tag", "v1"});
  git({"tag", "other"});
  CHECK_THROWS_WITH(check(), ContainsSubstring("no tag is ever deployed: give them a rule"));
  m_settings.rules = {{.branch = "", .tag = "v*", .deploy = "blue"}};
  CHECK_THAT(check(), ContainsSubstring("1 tag matches 'v*'"));
}

TEST_CASE_METHOD(SourceCheckFixture, "files that others can read are told, and those that are missing") {
  m_source = {.name = "hub", .kind = SourceSettings::Kind::webhook, .secret_file = "hub.secret"};
  CHECK_THROWS_WITH(check(), ContainsSubstring("hub.secret': no such file"));
  const auto secret = m_app.root / "hub.secret";
  write_file(secret, "x\n", 0640);
  CHECK_THROWS_WITH(check(), ContainsSubstring("is not its owner's alone: chmod 600"));
  write_file(secret, "x\n", 0600);
  CHECK(check() == "its secret is its owner's alone");
  m_source.url = source().string();
  CHECK(check() == "'" + source().string() + "' can be read");
  m_source.url = "/nowhere";
  CHECK_THROWS_WITH(check(), ContainsSubstring("cannot ask '/nowhere'"));
}

TEST_CASE_METHOD(SourceCheckFixture, "a token that may write is told though all is well otherwise") {
  write_file(m_app.root / "token", "t\n", 0600);
  m_source.token_file = "token";
  CHECK_THAT(check(), ContainsSubstring("warning: this deploy token may write there, too"));
  CHECK(git({"rev-parse", "HEAD"}) == m_first);
}

TEST_CASE_METHOD(SourceCheckFixture, "a host without a key in known_hosts is told before it is asked") {
  write_file(m_app.root / "known", "git.example.com ssh-ed25519 AAAA\n", 0644);
  m_source.known_hosts = "known";
  m_source.url = "ssh://git@other.example.com:2222/shop.git";
  CHECK_THROWS_WITH(check(), ContainsSubstring("known' has no key of '[other.example.com]:2222'"));
}
