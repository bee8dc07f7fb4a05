#include "core/error.hpp"
#include "serve/source_book.hpp"
#include "serve_fixture.hpp"

using namespace teal;

TEST_CASE_METHOD(ServeFixture, "each forge of the settings is the one of that name") {
  serve::SourceBook book(m_home, m_log);
  for (const char* forge : {"github", "gitea", "gitlab", "bitbucket", "generic"}) {
    set_sources(fmt::format("{{name: hub, kind: webhook, forge: {}, secret_file: hub.secret}}", forge));
    CHECK(book.find("shop", "hub")->forge->name == forge);
  }
  set_sources("{name: hub, kind: webhook, forge: forgejo, secret_file: hub.secret}");
  CHECK(book.find("shop", "hub")->forge->name == "gitea");
  set_sources("{name: hub, kind: poll, url: /srv/shop.git, branch: main}");
  CHECK_FALSE(book.find("shop", "hub"));
}

TEST_CASE_METHOD(ServeFixture, "an older secret may be in a file of its own") {
  serve::SourceBook book(m_home, m_log);
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret, old_secret_file: hub.old}");
  CHECK(book.find("shop", "hub")->secrets == webhook::Secrets{"It's a Secret"});
  CHECK_THAT(logged(), ContainsSubstring("hub.old"));
  write_file(m_home.app("shop").root / "hub.old", "older\n", 0600);
  CHECK(book.find("shop", "hub")->secrets == webhook::Secrets{"It's a Secret", "older"});
}

TEST_CASE_METHOD(ServeFixture, "a secret that is missing is told and taken up once it is there") {
  serve::SourceBook book(m_home, m_log);
  set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.other}");
  CHECK(book.find("shop", "hub")->secrets.empty());
  CHECK_THAT(logged(), ContainsSubstring("hub.other"));
  write_file(m_home.app("shop").root / "hub.other", "It's a Secret\nolder\n", 0600);
  CHECK(book.find("shop", "hub")->secrets == webhook::Secrets{"It's a Secret", "older"});
}

TEST_CASE_METHOD(ServeFixture, "no message quotes a secret") {
  write_file(folder() / "many", "first one\nsecond one\nthird one\n");
  CHECK_THROWS_WITH(serve::read_secrets(folder() / "many"),
                    ContainsSubstring("has 3 lines") && !ContainsSubstring("one\n"));
}
