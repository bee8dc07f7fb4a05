#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "store/database.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "trigger/source.hpp"
#include "unit/git/git_fixture.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

class SourceFixture : public git::GitFixture {
protected:
  SourceFixture() {
    write("file", "1");
    commit();
    std::filesystem::create_directories(m_app.root);
  }
  [[nodiscard]] ResolvedRef fetch(const std::string& url, const std::string& token_file = {}) const {
    const SourceSettings settings{.name = "hub", .url = url, .token_file = token_file};
    return Source(m_app, settings).fetch("refs/heads/main", {.environment = environment()});
  }
  [[nodiscard]] ErrorKind fault_of(const std::string& url, const std::string& token_file = {}) const {
    try {
      static_cast<void>(fetch(url, token_file));
    } catch (const Error& error) {
      INFO(error.what());
      return error.kind();
    }
    return ErrorKind::internal;
  }

  AppFolder m_app{folder() / "apps" / "shop"};
  Database m_database{folder() / "state.db"};
  OwnRepositories m_repositories{m_database};
};

} // namespace

TEST_CASE_METHOD(SourceFixture, "a commit is fetched from the url into the source's own repository") {
  for (const std::string& url : {source().string(), "file://" + source().string()}) {
    const ResolvedRef found = fetch(url);
    CHECK(found.commit.value().id == git({"rev-parse", "HEAD"}));
    CHECK(found.repository == m_app.root / "sources" / "hub.git");
    CHECK(git::Repository::open(found.repository).find_commit(found.commit->id));
  }
}

TEST_CASE_METHOD(SourceFixture, "what refuses is no other failure than what is away") {
  CHECK(fault_of((folder() / "nothing").string()) == ErrorKind::environment);
  CHECK(fault_of(fmt::format("ssh://git@127.0.0.1:{}/shop.git", free_port())) == ErrorKind::environment);
  CHECK(fault_of(fmt::format("https://127.0.0.1:{}/shop.git", free_port())) == ErrorKind::environment);
  CHECK(fault_of(source().string(), "missing.token") == ErrorKind::environment);
  write_file(m_app.root / "hub.token", "one\ntwo\n", 0600);
  CHECK(fault_of(source().string(), "hub.token") == ErrorKind::settings);
}

TEST_CASE_METHOD(SourceFixture, "without a url the app's own repositories have it, that of the hint first") {
  const SourceSettings settings{.name = "hub"};
  const Source from(m_app, settings);
  CHECK_FALSE(from.find("refs/heads/main", "", m_repositories).commit);
  const std::string first = git({"rev-parse", "HEAD"});
  git({"clone", "--quiet", "--bare", source().string(), m_app.repository(Color::blue).string()});
  write("file", "2");
  const std::string second = commit();
  git({"clone", "--quiet", "--bare", source().string(), m_app.repository(Color::green).string()});
  CHECK(from.find("refs/heads/main", "", m_repositories).commit.value().id == first);
  const ResolvedRef hinted = from.find("refs/heads/main", second, m_repositories);
  CHECK(hinted.commit.value().id == second);
  CHECK(hinted.repository == m_app.repository(Color::green));
  CHECK_FALSE(from.find("refs/heads/other", second, m_repositories).commit);
}

TEST_CASE("a file of an app's settings is meant in the app's folder") {
  const AppFolder app{"/srv/tealhook/apps/shop"};
  CHECK(file_of_app(app, "hub.secret") == "/srv/tealhook/apps/shop/hub.secret");
  CHECK(file_of_app(app, "/etc/hub.secret") == "/etc/hub.secret");
  CHECK(file_of_app(app, "").empty());
}

TEST_CASE("a commit's message may ask in two spellings not to be deployed") {
  CHECK(asks_to_be_skipped("typo\n\n[Skip Deploy]"));
  CHECK(asks_to_be_skipped("a [deploy skip]"));
  CHECK_FALSE(asks_to_be_skipped("skip deploy"));
}
