#include "core/error.hpp"
#include "git/repository.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::git;

TEST_CASE("a bare repository is made once, and opened as it is afterwards") {
  const TempFolder folder;
  const auto path = folder.path() / "deep" / "blue.git";
  auto made = Repository::create_bare(path, "trunk");
  made.set_config("tealhook.color", "blue");

  const auto again = Repository::create_bare(path, "main");

  CHECK(again.is_bare());
  CHECK(again.path() == path);
  CHECK(again.config("tealhook.color") == "blue");
  CHECK(content_of(path / "HEAD") == "ref: refs/heads/trunk\n");
}

TEST_CASE("a repository is opened at exactly its path") {
  const GitFixture fixture;
  fixture.write("sub/file", "x");
  CHECK_FALSE(Repository::open(fixture.source()).is_bare());
  CHECK(Repository::open(fixture.source()).path() == fixture.source() / ".git");
  CHECK_THROWS_WITH(Repository::open(fixture.source() / "sub"), ContainsSubstring("there is no git repository at"));
  CHECK_THROWS_AS(Repository::open(fixture.folder() / "nowhere"), Error);
}

TEST_CASE("a SHA-256 repository is refused in words") {
  const GitFixture fixture;
  fixture.git({"init", "--quiet", "--bare", "--object-format=sha256", "../modern.git"});
  CHECK_THROWS_WITH(Repository::open(fixture.folder() / "modern.git"), ContainsSubstring("is a SHA-256 repository"));
}

TEST_CASE("a revision leads to its commit, tags peeled") {
  const GitFixture fixture;
  fixture.write("file", "x");
  const auto id = fixture.commit("Fix \033[31mlogin\n\nat last");
  fixture.git({"tag", "--annotate", "-m", "a tag", "v1"});
  const auto repository = Repository::open(fixture.source());

  for (const auto& revision : {std::string("main"), std::string("HEAD"), std::string("v1"), std::string("refs/tags/v1"),
                               id, id.substr(0, 10)}) {
    const auto commit = repository.find_commit(revision);
    REQUIRE(commit);
    CHECK(commit->id == id);
    CHECK(commit->tree == fixture.git({"rev-parse", "HEAD^{tree}"}));
    CHECK(commit->subject == "Fix ?[31mlogin");
  }
}

TEST_CASE("a revision that is none, or no commit, leads nowhere") {
  const GitFixture fixture;
  fixture.write("file", "x");
  fixture.commit();
  const auto repository = Repository::open(fixture.source());
  for (const auto* revision : {"", "nowhere", "HEAD~5", "HEAD^{tree}", "main:file", "^", "--all", "a..b",
                               "1111111111111111111111111111111111111111"}) {
    CAPTURE(revision);
    CHECK_FALSE(repository.find_commit(revision));
  }
}

TEST_CASE("a long subject is cut") {
  const GitFixture fixture;
  fixture.commit(std::string(100, 'x'));
  CHECK(Repository::open(fixture.source()).find_commit("HEAD")->subject == std::string(69, 'x') + "...");
}

TEST_CASE("a file of a commit is read whole, within its limit") {
  const GitFixture fixture;
  fixture.write("dir/file", "content\n");
  fixture.link("link", "dir/file");
  const auto commit = fixture.commit();
  const auto repository = Repository::open(fixture.source());

  CHECK(repository.read_file(commit, "dir/file", 8) == "content\n");
  CHECK_FALSE(repository.read_file(commit, "dir", 100));
  CHECK_FALSE(repository.read_file(commit, "link", 100));
  CHECK_FALSE(repository.read_file(commit, "nothing", 100));
  CHECK_THROWS_WITH(repository.read_file(commit, "dir/file", 7), ContainsSubstring("it has 8 B, and at most 7 B"));
  CHECK_THROWS_WITH(repository.read_file("main", "dir/file", 7), ContainsSubstring("is not a commit id"));
}

TEST_CASE("what a commit surely does not have is known, but for what a link may lead to") {
  const GitFixture fixture;
  fixture.write("dir/file", "content\n");
  fixture.link("link", "dir");
  const auto commit = fixture.commit();
  const auto repository = Repository::open(fixture.source());
  for (const char* path : {".", "dir", "./dir/file", "link", "link/file", "link/nothing"}) {
    CAPTURE(path);
    CHECK(repository.may_have(commit, path));
  }
  for (const char* path : {"nothing", "dir/nothing", "dir/file/below"}) {
    CAPTURE(path);
    CHECK_FALSE(repository.may_have(commit, path));
  }
}

TEST_CASE("objects beside a repository's own are seen where they are named, and nowhere else") {
  const GitFixture fixture;
  fixture.write("file", "content\n");
  const auto commit = fixture.commit();
  const auto bare = fixture.folder() / "empty.git";
  const auto empty = Repository::create_bare(bare, "main");
  CHECK_FALSE(empty.find_commit(commit));
  const auto more = Repository::open(bare, {fixture.source() / ".git/objects"});
  CHECK(more.find_commit(commit));
  CHECK(more.read_file(commit, "file", 100) == "content\n");
  const auto work_tree = fixture.folder() / "tree";
  checkout(more, commit, {.work_tree = work_tree, .index = fixture.folder() / "index"});
  CHECK(content_of(work_tree / "file") == "content\n");
  CHECK_FALSE(Repository::open(bare).find_commit(commit));
}

TEST_CASE("settings are read and written in the repository's own file alone") {
  const GitFixture fixture;
  auto repository = Repository::open(fixture.source());
  CHECK_FALSE(repository.config("tealhook.app"));

  repository.set_config("tealhook.app", "shop");
  CHECK(repository.config("tealhook.app") == "shop");
  CHECK(fixture.git({"config", "--local", "tealhook.app"}) == "shop");

  repository.unset_config("tealhook.app");
  repository.unset_config("tealhook.app");
  CHECK_FALSE(Repository::open(fixture.source()).config("tealhook.app"));
}

TEST_CASE("hooks are where git looks for them") {
  const GitFixture fixture;
  auto repository = Repository::open(fixture.source());
  CHECK(repository.hooks_folder() == repository.path() / "hooks");
  repository.set_config("core.hooksPath", "/srv/hooks");
  CHECK(repository.hooks_folder() == "/srv/hooks");
  repository.set_config("core.hooksPath", "shared");
  CHECK(repository.hooks_folder() == repository.path() / "shared");
  repository.set_config("core.hooksPath", "~/hooks");
  CHECK_THROWS_AS(repository.hooks_folder(), Error);
}

TEST_CASE_METHOD(GitFixture, "a change is found by the paths that two commits do not have in common") {
  write("web/index.html", "1");
  write("docs/a.md", "1");
  const std::string first = commit("a subject\n\nand [skip deploy] below");
  write("docs/a.md", "2");
  const std::string second = commit();
  std::filesystem::rename(source() / "web/index.html", source() / "web/home.html");
  const std::string third = commit();
  const auto repository = Repository::open(source());
  const auto in_web = [](std::string_view path) { return path.starts_with("web/"); };
  CHECK_FALSE(repository.has_change(first, second, in_web));
  CHECK(repository.has_change(second, third, in_web));
  CHECK(repository.has_change(first, second, [](std::string_view path) { return path == "docs/a.md"; }));
  CHECK(repository.has_change(std::string(40, 'a'), second, in_web)); // nobody knows what changed since then
  CHECK_THAT(repository.message(first), ContainsSubstring("and [skip deploy] below"));
}
