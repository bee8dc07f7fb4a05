#include "git/checkout_index.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

#include <sys/stat.h>

using namespace teal;
using namespace teal::git;

namespace {

git_oid id_of(unsigned char byte) {
  git_oid id{};
  id.id[0] = byte;
  return id;
}

TreeFolder some_folder() {
  return {.path = "a/b",
          .source = 0,
          .tree = id_of(1),
          .attributes = id_of(2),
          .files = {{.name = "file", .id = id_of(3), .kind = FileKind::regular},
                    {.name = "link", .id = id_of(4), .kind = FileKind::symlink}},
          .folders = {{.name = "sub", .id = id_of(5), .is_submodule = true}}};
}

FileStat some_stat(std::int64_t changed) {
  return {.modified = 10, .changed = changed, .inode = 12, .size = 13, .mode = 0100644};
}

} // namespace

TEST_CASE("what was saved is loaded again") {
  const TempFolder folder;
  const auto file = folder.path() / "state" / "index";
  const auto record = make_record(some_folder(), some_stat(20), {some_stat(21), some_stat(22)});
  const auto other =
      make_record({.path = "", .source = 0, .tree = {}, .attributes = {}, .files = {}, .folders = {}}, FileStat{}, {});
  CheckoutIndex::save(file, {other, record});

  const auto index = CheckoutIndex::load(file);

  CHECK(index.folder_count() == 2);
  CHECK(index.record("a/b") == record);
  CHECK(index.record("").size() == other.size());
  CHECK(index.record("a").empty());
  const auto known = parse_record(index.record("a/b"));
  CHECK(known.tree.id[0] == 1);
  CHECK(known.attributes.id[0] == 2);
  CHECK(known.stat == some_stat(20));
  REQUIRE(known.files.size() == 2);
  CHECK(known.files[1].name == "link");
  CHECK(known.files[1].kind == FileKind::symlink);
  CHECK(known.files[1].id.id[0] == 4);
  CHECK(known.files[1].stat == some_stat(22));
  REQUIRE(known.folders.size() == 1);
  CHECK(known.folders[0].name == "sub");
  CHECK(known.folders[0].is_submodule);
}

TEST_CASE("an index with any byte changed, added or lost is taken for none") {
  const TempFolder folder;
  const auto file = folder.path() / "index";
  CheckoutIndex::save(file, {make_record(some_folder(), some_stat(20), {some_stat(21), some_stat(22)})});
  const auto whole = content_of(file);
  REQUIRE(CheckoutIndex::load(file).folder_count() == 1);

  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    write_text(file, changed);
    REQUIRE(CheckoutIndex::load(file).folder_count() == 0);
    write_text(file, whole.substr(0, i));
    REQUIRE(CheckoutIndex::load(file).folder_count() == 0);
  }
  write_text(file, whole + "x");
  CHECK(CheckoutIndex::load(file).folder_count() == 0);
  CHECK(CheckoutIndex::load(folder.path() / "missing").folder_count() == 0);
}

TEST_CASE("a file changed in the tick of the index's writing or later is racy") {
  const TempFolder folder;
  const auto file = folder.path() / "index";
  CheckoutIndex::save(file, {});
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  const auto written = nanoseconds(status.st_mtim);
  const auto index = CheckoutIndex::load(file);

  CHECK_FALSE(index.is_racy(some_stat(written - 1)));
  CHECK(index.is_racy(some_stat(written)));
  CHECK(index.is_racy(some_stat(written + 1)));
}
