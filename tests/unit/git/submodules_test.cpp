#include "core/error.hpp"
#include "git/submodules.hpp"
#include "git_daemon.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::git;

namespace {

SubmoduleSource source_for(const GitFixture& fixture, Environment more = {}) {
  auto environment = fixture.environment();
  environment.insert(more.begin(), more.end());
  return {fixture.folder() / "submodules", environment, std::chrono::seconds(30)};
}

/// Makes `child` a submodule of what is staged in `parent`, as "git submodule add" would.
void add_submodule(const GitFixture& parent, const std::string& path, const std::string& url,
                   const std::string& commit) {
  parent.git({"config", "--file", ".gitmodules", "submodule." + path + ".path", path});
  parent.git({"config", "--file", ".gitmodules", "submodule." + path + ".url", url});
  parent.git({"add", "--all"});
  parent.git({"update-index", "--add", "--cacheinfo", "160000," + commit + "," + path});
}

} // namespace

TEST_CASE("URLs that name a host are followed") {
  for (const auto* url : {"https://example.com/a.git", "http://example.com:8080/a", "ssh://git@example.com/a",
                          "git://example.com/a", "git@example.com:a/b.git", "example.com:a"}) {
    CAPTURE(url);
    CHECK_NOTHROW(require_submodule_url(url));
  }
}

TEST_CASE("URLs that lead into this host, or could be taken for an option, are refused") {
  for (const auto* url : {"",
                          "/srv/secret.git",
                          "file:///srv/secret.git",
                          "ext::sh -c true",
                          "ext::ssh://x",
                          "-uwhoami",
                          "--upload-pack=x",
                          "ssh://-oProxyCommand=x/a",
                          "ssh://a@-oProxyCommand=x/a",
                          "-oProxyCommand=x:a",
                          "a@-oProxyCommand=x:a",
                          "folder",
                          "./a:b",
                          "../other.git",
                          "./other.git",
                          "..",
                          "https:///a",
                          "HTTPS://example.com/a",
                          "https://example.com/a\nb",
                          "ftp://example.com/a",
                          "://a",
                          ":a"}) {
    CAPTURE(url);
    CHECK_THROWS_AS(require_submodule_url(url), Error);
  }
  CHECK_THROWS_WITH(require_submodule_url("../other.git"), ContainsSubstring("give the whole URL"));
}

TEST_CASE("a submodule's commit is fetched once, alone, and kept") {
  const GitFixture child;
  child.write("file", "old");
  child.commit();
  child.write("file", "new");
  const auto commit = child.commit();
  auto source = source_for(child);
  std::string url;
  {
    const GitDaemon daemon(child.folder(), child.environment());
    url = daemon.url("source");
    const auto repository = source.repository_with(url, commit);
    CHECK(repository.read_file(commit, "file", 100) == "new");
    CHECK_FALSE(repository.find_commit(commit + "~1"));
  }
  CHECK(source.repository_with(url, commit).find_commit(commit));
}

TEST_CASE("a server that gives out no single commits is asked for all it has") {
  const GitFixture child;
  child.write("file", "old");
  const auto old = child.commit();
  child.write("file", "new");
  const auto tip = child.commit();
  const GitDaemon daemon(child.folder(), child.environment());
  // The older protocol refuses what no branch points at.
  auto source = source_for(
      child, {{"GIT_CONFIG_COUNT", "1"}, {"GIT_CONFIG_KEY_0", "protocol.version"}, {"GIT_CONFIG_VALUE_0", "0"}});

  CHECK_FALSE(source.repository_with(daemon.url("source"), tip).find_commit(old));
  CHECK(source.repository_with(daemon.url("source"), old).read_file(old, "file", 100) == "old");
}

TEST_CASE("a commit that cannot be had is an error with git's words") {
  const GitFixture child;
  child.commit();
  const std::string missing(40, '1');
  auto source = source_for(child);
  std::string url;
  {
    const GitDaemon daemon(child.folder(), child.environment());
    url = daemon.url("source");
    CHECK_THROWS_WITH(source.repository_with(url, missing), ContainsSubstring("has no such commit"));
  }
  CHECK_THROWS_WITH(source.repository_with(url, missing), ContainsSubstring("onnection refused"));
}

TEST_CASE("submodules lie in their places, their own submodules too, with their own attributes") {
  const GitFixture inner;
  inner.write("deep.txt", "deep\n");
  const auto inner_commit = inner.commit();
  const GitFixture child;
  const GitFixture parent;
  const GitDaemon inner_daemon(inner.folder(), inner.environment());
  const GitDaemon child_daemon(child.folder(), child.environment());
  child.write("text.txt", "one\n");
  child.write(".gitattributes", "text.txt text eol=crlf\n");
  add_submodule(child, "inner", inner_daemon.url("source"), inner_commit);
  const auto child_commit = child.commit_staged();
  parent.write("text.txt", "one\n");
  add_submodule(parent, "lib/child", child_daemon.url("source"), child_commit);
  const auto commit = parent.commit_staged();
  auto source = source_for(parent);

  const auto result = parent.checkout(commit, &source);

  CHECK(result.files == 6);
  CHECK(content_of(parent.work_tree() / "text.txt") == "one\n");
  CHECK(content_of(parent.work_tree() / "lib/child/text.txt") == "one\r\n");
  CHECK(content_of(parent.work_tree() / "lib/child/inner/deep.txt") == "deep\n");
  CHECK(parent.checked_out().size() == 9);
  CHECK(parent.checkout(commit, &source).written == 0);
  CHECK_THROWS_WITH(parent.checkout(commit), ContainsSubstring("it is a submodule"));
}

TEST_CASE("a submodule without an entry in .gitmodules is an empty folder") {
  const GitFixture fixture;
  fixture.write("file", "x");
  fixture.git({"add", "--all"});
  fixture.git({"update-index", "--add", "--cacheinfo", "160000," + std::string(40, '1') + ",lib/lost"});
  const auto commit = fixture.commit_staged();
  write_text(fixture.work_tree() / "lib/lost/leftover", "x");

  fixture.checkout(commit);

  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
  CHECK(std::filesystem::is_empty(fixture.work_tree() / "lib/lost"));
}

TEST_CASE("a submodule with a refused URL is an error that names it, before anything is made") {
  const GitFixture fixture;
  const auto url = GENERATE(as<std::string>(), "../other.git", "/etc", "file:///etc", "ext::sh -c 'touch /tmp/x'");
  fixture.commit();
  add_submodule(fixture, "lib/child", url, std::string(40, '1'));
  const auto commit = fixture.commit_staged();
  auto source = source_for(fixture);

  CHECK_THROWS_WITH(fixture.checkout(commit, &source), ContainsSubstring("while fetching the submodule 'lib/child'"));
  CHECK_FALSE(std::filesystem::exists(fixture.work_tree()));
}

TEST_CASE("submodules nested without end are refused") {
  const GitFixture fixture;
  const GitDaemon daemon(fixture.folder(), fixture.environment());
  fixture.commit();
  auto commit = fixture.git({"rev-parse", "HEAD"});
  for (int i = 0; i < 10; ++i) {
    add_submodule(fixture, "again", daemon.url("source"), commit);
    commit = fixture.commit_staged();
  }
  auto source = source_for(fixture);
  CHECK_THROWS_WITH(fixture.checkout(commit, &source), ContainsSubstring("nested more than 8 deep"));
}
