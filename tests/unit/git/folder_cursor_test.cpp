#include "git/folder_cursor.hpp"
#include "git/work_file.hpp"
#include "git/work_folder.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

#include <fcntl.h>

using namespace teal;
using namespace teal::git;

TEST_CASE("a cursor makes and enters folders in any order") {
  const TempFolder folder;
  const Descriptor root(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  FolderCursor cursor(root.number());

  for (const std::string path : {"a/b/c", "a/b", "a/d", "", "e", "a/b/c/f"}) {
    const auto entered = look_at(cursor.enter(path));
    CHECK(entered == look_at(root.number(), path.empty() ? "." : path));
  }
  CHECK(names_in(cursor.enter("a/b/c")) == std::vector<std::string>{"f"});
  CHECK(cursor.removed() == 0);
}

TEST_CASE("a cursor puts a folder where a file or link is, and counts it") {
  const TempFolder folder;
  const Descriptor root(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  write_text(folder.path() / "outside" / "file", "x");
  std::filesystem::create_directory_symlink("outside", folder.path() / "a");
  FolderCursor cursor(root.number());

  CHECK(names_in(cursor.enter("a/b")).empty());
  CHECK(cursor.removed() == 1);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "outside" / "b"));
}
