#include "git/lfs.hpp"
#include "support/catch.hpp"
#include "unit/git/git_fixture.hpp"

#include <fmt/format.h>

using namespace teal;
using namespace teal::git;

namespace {

namespace fs = std::filesystem;

const std::string k_id = "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4";

std::string pointer_to(const std::string& id) {
  return fmt::format("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 8\n", id);
}

} // namespace

TEST_CASE("a pointer is filled in from the repository's own store with its mode and the rest stays") {
  const GitFixture git;
  git.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  git.write("a/big.bin", pointer_to(k_id));
  git.write("other.bin", pointer_to(std::string(64, '0')));
  git.write("plain", "version 2\n");
  git.allow_execution("a/big.bin");
  const std::string commit = git.commit();
  git.checkout(commit);
  const auto repository = Repository::open(git.source() / ".git");
  write_text(git.source() / ".git/lfs/objects/98/ea" / k_id, "content\n");
  const LfsResult result = fill_lfs_files(
      repository, {.commit = commit, .work_tree = git.work_tree(), .environment = git.environment(), .interrupt = {}});
  CHECK(result.filled == 1);
  CHECK(result.missing == std::vector<std::string>{"other.bin"});
  CHECK(content_of(git.work_tree() / "a/big.bin") == "content\n");
  CHECK((fs::status(git.work_tree() / "a/big.bin").permissions() & fs::perms::owner_exec) != fs::perms::none);
  CHECK(content_of(git.work_tree() / "plain") == "version 2\n");
  CHECK_THAT(describe_missing(result, repository),
             ContainsSubstring("'other.bin' is a Git LFS pointer, and built as such") && ContainsSubstring("lfs.url"));
  CHECK_FALSE(fs::exists(git.work_tree() / "a/big.bin.lfs-content"));
  CHECK(git.checkout(commit).written == 1); // the pointer again, for the next look
}

TEST_CASE("what looks like a pointer is a file like others where the commit does not name LFS") {
  const GitFixture git;
  git.write("big.bin", pointer_to(k_id));
  const std::string commit = git.commit();
  git.checkout(commit);
  const auto repository = Repository::open(git.source() / ".git");
  const LfsResult result = fill_lfs_files(
      repository, {.commit = commit, .work_tree = git.work_tree(), .environment = git.environment(), .interrupt = {}});
  CHECK(result.missing.empty());
  CHECK(describe_missing(result, repository).empty());
}

TEST_CASE("contents are fetched with git-lfs from the url that the repository's own configuration names") {
  const GitFixture git;
  if (!find_program("git-lfs", git.environment())) {
    SKIP_TEST("git-lfs is not installed");
  }
  git.git({"lfs", "install", "--local"});
  git.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  git.write("big.bin", "a large content\n");
  const std::string commit = git.commit();
  const fs::path bare = git.folder() / "shop.git";
  git.git({"clone", "--quiet", "--bare", git.source().string(), bare.string()});
  REQUIRE_FALSE(fs::exists(bare / "lfs/objects"));
  auto repository = Repository::open(bare);
  repository.set_config("lfs.url", "file://" + (git.source() / ".git").string());
  git.checkout(commit);
  REQUIRE_THAT(content_of(git.work_tree() / "big.bin"), ContainsSubstring("oid sha256:"));
  const LfsResult result = fill_lfs_files(repository, {.commit = commit,
                                                       .work_tree = git.work_tree(),
                                                       .environment = git.environment(),
                                                       .deadline = std::chrono::minutes(1),
                                                       .interrupt = {}});
  INFO(result.fault);
  CHECK(result.filled == 1);
  CHECK(content_of(git.work_tree() / "big.bin") == "a large content\n");
}
