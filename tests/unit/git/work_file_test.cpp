#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "git/work_file.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

#include <fcntl.h>

using namespace teal;
using namespace teal::git;
namespace fs = std::filesystem;

namespace {

constexpr mode_t k_umask = 022;

TreeFile file_of(FileKind kind) {
  return {.name = "file", .id = {}, .kind = kind};
}

} // namespace

TEST_CASE("what was made is as wanted, and nothing else is") {
  const TempFolder folder;
  const Descriptor root(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto kind = GENERATE(FileKind::regular, FileKind::executable, FileKind::symlink);
  const auto file = file_of(kind);
  const std::string content = "some/content";

  const auto stat = make_file(root.number(), file, content);

  CHECK(look_at(root.number(), "file") == stat);
  CHECK(is_as_wanted(root.number(), file, stat, content, k_umask));
  CHECK_FALSE(is_as_wanted(root.number(), file, stat, "some/Content", k_umask));
  CHECK_FALSE(is_as_wanted(root.number(), file, stat, "some/conten", k_umask));
  CHECK_FALSE(is_as_wanted(root.number(), file, stat, content + "s", k_umask));
  for (const auto other : {FileKind::regular, FileKind::executable, FileKind::symlink}) {
    CHECK(is_as_wanted(root.number(), file_of(other), stat, content, k_umask) == (other == kind));
  }
}

TEST_CASE("content of several pieces is compared to its end") {
  const TempFolder folder;
  const Descriptor root(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::string content(200'000, 'x');
  const auto stat = make_file(root.number(), file_of(FileKind::regular), content);
  CHECK(is_as_wanted(root.number(), file_of(FileKind::regular), stat, content, k_umask));
  content.back() = 'y';
  CHECK_FALSE(is_as_wanted(root.number(), file_of(FileKind::regular), stat, content, k_umask));
}

TEST_CASE("a file is not made over another, nor through a link") {
  const TempFolder folder;
  const Descriptor root(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  fs::create_symlink("outside", folder.path() / "file");
  CHECK_THROWS_WITH(make_file(root.number(), file_of(FileKind::regular), "x"), "cannot make 'file': file exists");
  CHECK_FALSE(fs::exists(folder.path() / "outside"));
}

TEST_CASE("there is nothing to see of a file that is not there") {
  const TempFolder folder;
  const Descriptor root(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  CHECK_FALSE(look_at(root.number(), "nothing"));
  write_text(folder.path() / "file", "x");
  CHECK_THROWS_AS(look_at(root.number(), "file/inside"), Error);
}
