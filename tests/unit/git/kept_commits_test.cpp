#include "git/kept_commits.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::git;

TEST_CASE_METHOD(GitFixture, "kept commits outlast their branches until they are forgotten") {
  const KeptCommits kept{folder() / "kept.git", environment()};
  write("file", "1");
  const std::string first = commit();
  kept.keep(Repository::open(source()), first);
  git({"commit", "--quiet", "--amend", "-m", "another"});
  const std::string second = git({"rev-parse", "HEAD"});
  kept.keep(Repository::open(source()), second);
  CHECK(kept.list().size() == 2);
  CHECK(Repository::open(kept.repository()).find_commit(first));
  kept.forget(first);
  CHECK(kept.list() == std::vector<std::string>{second});
  CHECK(KeptCommits(folder() / "none.git", environment()).list().empty());
}
