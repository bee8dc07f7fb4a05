#include "core/error.hpp"
#include "git/remote.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::git;

namespace {

class RemoteFixture : public GitFixture {
protected:
  [[nodiscard]] std::optional<Commit> fetch(const std::string& ref = "refs/heads/main") const {
    return fetch_ref({.url = source().string(), .key = {}, .known_hosts = {}, .authorization = {}}, ref, m_ours,
                     {.environment = environment()});
  }

  std::filesystem::path m_ours = folder() / "sources" / "hub.git";
};

} // namespace

TEST_CASE_METHOD(RemoteFixture, "a branch is fetched as it is now") {
  write("file", "1");
  const std::string first = commit();
  CHECK(fetch().value().id == first);
  write("file", "2");
  const std::string second = commit("the second one");
  const Commit moved = fetch().value();
  CHECK(moved.id == second);
  CHECK(moved.subject == "the second one");
  CHECK(Repository::open(m_ours).descends(second, first));
}

TEST_CASE_METHOD(RemoteFixture, "a branch that was forced and a tag that was moved are followed") {
  write("file", "1");
  commit();
  git({"tag", "-a", "v1", "-m", "a tag"});
  const std::string tagged = fetch("refs/tags/v1").value().id;
  static_cast<void>(fetch());
  git({"commit", "--quiet", "--amend", "-m", "another"});
  git({"tag", "-f", "v1"});
  const std::string now = git({"rev-parse", "HEAD"});
  CHECK(fetch().value().id == now);
  CHECK(fetch("refs/tags/v1").value().id == now);
  CHECK_FALSE(Repository::open(m_ours).descends(now, tagged));
}

TEST_CASE_METHOD(RemoteFixture, "a ref that is not there any more is no failure") {
  write("file", "1");
  commit();
  CHECK_FALSE(fetch("refs/heads/gone"));
}

TEST_CASE_METHOD(RemoteFixture, "a branch may be named as the folder of others was, and the other way round") {
  write("file", "1");
  commit();
  git({"branch", "release"});
  CHECK(fetch("refs/heads/release"));
  git({"branch", "-D", "release"});
  git({"branch", "release/1"});
  CHECK(fetch("refs/heads/release/1"));
  git({"branch", "-D", "release/1"});
  git({"branch", "release"});
  CHECK(fetch("refs/heads/release"));
}

TEST_CASE_METHOD(RemoteFixture, "a remote that is not there fails with git's words") {
  std::filesystem::remove_all(source());
  try {
    static_cast<void>(fetch());
    FAIL("it was fetched");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::environment);
    CHECK_THAT(error.message(), ContainsSubstring("cannot fetch from '" + source().string()) &&
                                    ContainsSubstring("git exited with 128"));
  }
}

TEST_CASE_METHOD(RemoteFixture, "a ref whose name could be an option or a glob is a ref") {
  write("file", "1");
  commit();
  git({"update-ref", "refs/heads/--upload-pack=x", "HEAD"});
  CHECK(fetch("refs/heads/--upload-pack=x"));
}
