#include "core/error.hpp"
#include "git/work_folder.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

#include <fcntl.h>

using namespace teal;
using namespace teal::git;
namespace fs = std::filesystem;

namespace {

Descriptor open_root(const TempFolder& folder) {
  return Descriptor(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

} // namespace

TEST_CASE("a folder is made where it is missing and opened where it is") {
  const TempFolder folder;
  const auto root = open_root(folder);
  CHECK(make_folder(root.number(), "new").removed == 0);
  CHECK(fs::is_directory(folder.path() / "new"));
  write_text(folder.path() / "new" / "file", "x");
  const auto again = make_folder(root.number(), "new");
  CHECK(names_in(again.folder.number()) == std::vector<std::string>{"file"});
}

TEST_CASE("a folder takes the place of a file or link") {
  const TempFolder folder;
  const auto root = open_root(folder);
  write_text(folder.path() / "outside" / "file", "x");
  write_text(folder.path() / "file", "x");
  fs::create_directory_symlink("outside", folder.path() / "link");

  for (const auto* name : {"file", "link"}) {
    const auto made = make_folder(root.number(), name);
    CHECK(made.removed == 1);
    CHECK(names_in(made.folder.number()).empty());
  }
  CHECK(fs::exists(folder.path() / "outside" / "file"));
}

TEST_CASE("an entry is removed with all in it, but never through a link") {
  const TempFolder folder;
  const auto root = open_root(folder);
  write_text(folder.path() / "outside" / "file", "x");
  write_text(folder.path() / "gone" / "deep" / "file", "x");
  fs::create_directory_symlink(folder.path() / "outside", folder.path() / "gone" / "link");
  fs::permissions(folder.path() / "gone" / "deep", fs::perms::none);

  CHECK(remove_entry(root.number(), "gone") == 4);
  CHECK(remove_entry(root.number(), "gone") == 0);
  CHECK(names_in(root.number()) == std::vector<std::string>{"outside"});
  CHECK(fs::exists(folder.path() / "outside" / "file"));
}

TEST_CASE("a folder that cannot be made is an error with the system's reason") {
  const TempFolder folder;
  const auto root = open_root(folder);
  CHECK_THROWS_WITH(make_folder(root.number(), std::string(300, 'x')), ContainsSubstring("file name too long"));
}
