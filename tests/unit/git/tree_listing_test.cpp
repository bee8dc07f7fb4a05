#include "core/error.hpp"
#include "git/checkout_index.hpp"
#include "git/tree_listing.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::git;

namespace {

TreeListing list(const GitFixture& fixture, const std::string& commit) {
  return list_tree(Repository::open(fixture.source()), commit, nullptr, CheckoutIndex());
}

/// Checks that the commit is refused in those words, before anything is made.
void require_refused(const GitFixture& fixture, const std::string& commit, const std::string& why) {
  try {
    fixture.checkout(commit);
    FAIL("it was checked out");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::settings);
    CHECK_THAT(error.what(), ContainsSubstring(why));
  }
  CHECK_FALSE(std::filesystem::exists(fixture.work_tree()));
}

} // namespace

TEST_CASE("a listing has each folder before those in it, and names in the order of their bytes") {
  const GitFixture fixture;
  fixture.write("a/file", "x");
  fixture.write("a-b/file", "x");
  fixture.write("a.txt", "x");
  fixture.write("a/inner/file", "x");

  const auto listing = list(fixture, fixture.commit());

  CHECK(listing.file_count == 4);
  std::vector<std::string> paths;
  for (const auto& folder : listing.folders) {
    paths.push_back(folder.path);
  }
  CHECK(paths == std::vector<std::string>{"", "a", "a/inner", "a-b"});
  REQUIRE(listing.folders[0].folders.size() == 2);
  CHECK(listing.folders[0].folders[1].name == "a-b");
}

TEST_CASE("a name that leads out of its folder or into a repository is refused before anything is made") {
  const GitFixture fixture;
  const auto blob = fixture.make_blob("x");
  const auto name = GENERATE(as<std::string>(), ".", "..", ".git", ".GIT", "a/b", "/etc", ".git ", ".git.", "git~1",
                             ".git::$INDEX_ALLOCATION", ".g\xe2\x80\x8cit");
  CAPTURE(name);
  SECTION("of a file") {
    require_refused(fixture, fixture.commit_tree({{"100644 " + name, blob}}), "cannot check out");
  }
  SECTION("of a folder") {
    const auto inner = fixture.make_tree({{"100644 file", blob}});
    require_refused(fixture, fixture.commit_tree({{"40000 " + name, inner}}), "cannot check out");
  }
  SECTION("of a link in a folder") {
    const auto inner = fixture.make_tree({{"120000 " + name, blob}});
    require_refused(fixture, fixture.commit_tree({{"40000 fine", inner}}), "cannot check out 'fine/");
  }
}

TEST_CASE("two entries of one name are refused") {
  const GitFixture fixture;
  const auto blob = fixture.make_blob("/etc");
  const auto inner = fixture.make_tree({{"100644 passwd", blob}});
  const auto why = "its folder has two entries of that name";
  SECTION("a link and a folder") {
    require_refused(fixture, fixture.commit_tree({{"120000 etc", blob}, {"40000 etc", inner}}), why);
  }
  SECTION("not beside each other") {
    require_refused(fixture, fixture.commit_tree({{"100644 a", blob}, {"100644 b", blob}, {"100644 a", blob}}), why);
  }
}

TEST_CASE("a tree that is not in git's order is listed in ours") {
  const GitFixture fixture;
  const auto blob = fixture.make_blob("x");
  fixture.checkout(fixture.commit_tree({{"100644 c", blob}, {"100644 a", blob}, {"100755 b", blob}}));
  CHECK(fixture.checked_out().size() == 3);
}

TEST_CASE("an entry of a kind that git does not know is refused") {
  const GitFixture fixture;
  require_refused(fixture, fixture.commit_tree({{"10644 pipe", fixture.make_blob("x")}}), "its mode is 10644");
}

TEST_CASE("a link named '.gitmodules' is refused, as git refuses it") {
  const GitFixture fixture;
  require_refused(fixture, fixture.commit_tree({{"120000 .gitmodules", fixture.make_blob("x")}}), "it is a symlink");
}

TEST_CASE("trees that stand for more files than any program has are refused") {
  const GitFixture fixture;
  const auto blob = fixture.make_blob("x");
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<std::pair<std::string, std::string>> folders;
  files.reserve(1000);
  folders.reserve(1100);
  for (int i = 0; i < 1000; ++i) {
    files.emplace_back("100644 " + std::to_string(i), blob);
  }
  const auto tree = fixture.make_tree(files);
  for (int i = 0; i < 1100; ++i) {
    folders.emplace_back("40000 " + std::to_string(i), tree);
  }
  require_refused(fixture, fixture.commit_tree(folders), "more than 1000000 files and folders");
}

TEST_CASE("folders nested beyond measure are refused") {
  const GitFixture fixture;
  auto tree = fixture.make_tree({{"100644 file", fixture.make_blob("x")}});
  for (int i = 0; i < 110; ++i) {
    tree = fixture.make_tree({{"40000 d", tree}});
  }
  require_refused(fixture, fixture.commit_tree({{"40000 d", tree}}), "nested too deeply");
}

TEST_CASE("no folder is made for an empty tree") {
  const GitFixture fixture;
  const auto empty = fixture.make_tree({});
  const auto commit = fixture.commit_tree({{"100644 file", fixture.make_blob("x")}, {"40000 nothing", empty}});
  fixture.checkout(commit);
  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
}

TEST_CASE("an empty commit empties the work tree") {
  const GitFixture fixture;
  fixture.write("dir/file", "x");
  fixture.checkout(fixture.commit());
  fixture.remove("dir");
  const auto result = fixture.checkout(fixture.commit());
  CHECK(result.files == 0);
  CHECK(result.removed == 2);
  CHECK(fixture.checked_out().empty());
}

TEST_CASE("an object that is missing is an error, and nothing is made") {
  const GitFixture fixture;
  const auto commit = fixture.commit_tree({{"40000 dir", std::string(40, '1')}});
  CHECK_THROWS_WITH(fixture.checkout(commit), ContainsSubstring("cannot read the folder 'dir'"));
  CHECK_FALSE(std::filesystem::exists(fixture.work_tree()));
}
