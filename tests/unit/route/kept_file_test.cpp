#include "process/atomic_file.hpp"
#include "route/kept_file.hpp"
#include "support/catch.hpp"
#include "support/dead_process.hpp"
#include "support/temp_folder.hpp"

#include <fmt/format.h>

using namespace teal;
using namespace teal::route;

TEST_CASE("a generated file counts as edited only where somebody else changed it") {
  const TempFolder folder;
  const auto file = folder.path() / "router.cfg";
  CHECK_FALSE(was_edited(file));
  write_generated(file, "one\n");
  CHECK_FALSE(was_edited(file));
  write_generated(file, "two\n");
  CHECK_FALSE(was_edited(file));
  write_file(file, "by hand\n");
  CHECK(was_edited(file));
}

TEST_CASE("what a host that lost its power has left of a generated file's original is no edit") {
  const TempFolder folder;
  const auto file = folder.path() / "router.cfg";
  write_generated(file, "one\n");
  write_file(folder.path() / ".router.cfg.written", "");
  CHECK_FALSE(was_edited(file));
  write_generated(file, "two\n");
  CHECK_FALSE(was_edited(file));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "router.cfg.edited"));
}

TEST_CASE("what was changed by hand in a generated file is kept beside it") {
  const TempFolder folder;
  const auto file = folder.path() / "router.cfg";
  write_generated(file, "one\n");
  write_file(file, "by hand\n");
  write_generated(file, "two\n");
  CHECK(read_file(file) == "two\n");
  CHECK(read_file(folder.path() / "router.cfg.edited") == "by hand\n");
  CHECK_FALSE(was_edited(file));
}

TEST_CASE("a generated file that was removed is written again, and nothing is kept") {
  const TempFolder folder;
  const auto file = folder.path() / "router.cfg";
  write_generated(file, "one\n");
  std::filesystem::remove(file);
  CHECK(was_edited(file));
  write_generated(file, "two\n");
  CHECK(read_file(file) == "two\n");
  CHECK_FALSE(std::filesystem::exists(folder.path() / "router.cfg.edited"));
}

TEST_CASE("only its owner may read a generated file") {
  const TempFolder folder;
  const auto file = folder.path() / "router.cfg";
  write_generated(file, "one\n");
  const auto permissions = std::filesystem::status(file).permissions();
  CHECK(permissions == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("what a killed writer left beside a generated file goes, also where nothing is to be written") {
  const TempFolder folder;
  const auto file = folder.path() / "router.cfg";
  write_generated(file, "one\n");
  const auto left = folder.path() / fmt::format(".router.cfg.by-{}.abcdef", dead_process());
  write_file(left, "tw");
  write_generated(file, "one\n");
  CHECK_FALSE(std::filesystem::exists(left));
}
