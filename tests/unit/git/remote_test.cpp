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

TEST_CASE_METHOD(RemoteFixture, "the refs of a remote are listed without fetching, tags by what they lead to") {
  write("file", "1");
  const std::string first = commit();
  git({"tag", "-a", "v2", "-m", "a tag"});
  git({"tag", "v1"});
  const auto list = [&](const std::string& pattern) {
    std::vector<std::string> lines;
    for (const RemoteRef& one : list_refs({.url = source().string(), .key = {}, .known_hosts = {}, .authorization = {}},
                                          pattern, {.environment = environment()})) {
      lines.push_back(one.name + " " + one.commit);
    }
    return lines;
  };
  CHECK(list("refs/tags/*") == std::vector<std::string>{"refs/tags/v1 " + first, "refs/tags/v2 " + first});
  CHECK(list("refs/heads/main") == std::vector<std::string>{"refs/heads/main " + first});
  CHECK(list("refs/heads/gone").empty());
  CHECK_FALSE(std::filesystem::exists(m_ours));
}

TEST_CASE_METHOD(RemoteFixture, "a remote that cannot be asked fails with git's words, and takes no push") {
  const Remote nowhere{.url = "/nowhere", .key = {}, .known_hosts = {}, .authorization = {}};
  CHECK_THROWS_WITH(list_refs(nowhere, "refs/tags/*", {.environment = environment()}),
                    ContainsSubstring("cannot ask '/nowhere': git exited with 128"));
  Repository::create_bare(m_ours, "main");
  CHECK_FALSE(may_push(nowhere, m_ours, {.environment = environment()}));
}

TEST_CASE_METHOD(RemoteFixture, "whether a push would be taken is told without one") {
  write("file", "1");
  commit();
  const std::string before = git({"for-each-ref"});
  Repository::create_bare(m_ours, "main");
  CHECK(may_push({.url = source().string(), .key = {}, .known_hosts = {}, .authorization = {}}, m_ours,
                 {.environment = environment()}));
  CHECK(git({"for-each-ref"}) == before);
}

TEST_CASE("a host is known by its name, and by its port where that is not ssh's") {
  CHECK(known_name_of("ssh://git@git.example.com/shop.git") == "git.example.com");
  CHECK(known_name_of("ssh://git@git.example.com:22/shop.git") == "git.example.com");
  CHECK(known_name_of("ssh://git.example.com:2222/shop.git") == "[git.example.com]:2222");
  CHECK(known_name_of("ssh://git@[::1]:2222/shop.git") == "[::1]:2222");
  CHECK(known_name_of("ssh://git@[::1]/shop.git") == "::1");
  CHECK(known_name_of("git@git.example.com:ada/shop.git") == "git.example.com");
  CHECK(known_name_of("https://git.example.com/shop.git").empty());
  CHECK(known_name_of("file:///srv/shop.git").empty());
  CHECK(known_name_of("/srv/a:b/shop.git").empty());
}

TEST_CASE_METHOD(RemoteFixture, "a file of known hosts has those that are in it") {
  const auto file = folder() / "known";
  write_text(file, "git.example.com ssh-ed25519 AAAA\n[git.example.com]:2222 ssh-ed25519 AAAA\n");
  CHECK(is_known_host(file, "git.example.com", environment()));
  CHECK(is_known_host(file, "[git.example.com]:2222", environment()));
  CHECK_FALSE(is_known_host(file, "other.example.com", environment()));
  CHECK_FALSE(is_known_host(folder() / "missing", "git.example.com", environment()));
}
