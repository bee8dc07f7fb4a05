#include "process/atomic_file.hpp"
#include "route/worker_counts.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace teal;
using namespace teal::route;

TEST_CASE("what several workers have counted is added up, and never falls") {
  WorkerCounts counts;
  CHECK(counts.sum("shop-live/c-1").requests == 0);
  counts.note(10, "shop-live/c-1", {7, 2});
  counts.note(11, "shop-live/c-1", {3, 1});
  counts.note(11, "shop-live/c-2", {100, 0});
  CHECK(counts.sum("shop-live/c-1").requests == 10);
  CHECK(counts.sum("shop-live/c-1").errors == 3);
  counts.note(10, "shop-live/c-1", {8, 2});
  counts.note(11, "shop-live/c-1", {0, 0});
  CHECK(counts.sum("shop-live/c-1").requests == 11);
}

TEST_CASE("what another process has kept is counted once, and only what it was to keep") {
  const TempFolder folder;
  const auto file = folder.path() / "counts.json";
  WorkerCounts before;
  before.note(10, "shop-live/c-1", {7, 2});
  before.note(10, "blog-live/c-2", {5, 0});
  before.keep(file, {"shop-live/c-1"});
  WorkerCounts after;
  after.note(10, "shop-live/c-1", {6, 2});
  after.take_in(file);
  after.take_in(file);
  CHECK(after.sum("shop-live/c-1").requests == 7);
  CHECK(after.sum("blog-live/c-2").requests == 0);
}

TEST_CASE("counts that cannot be read are no counts") {
  const TempFolder folder;
  WorkerCounts counts;
  counts.take_in(folder.path() / "none.json");
  write_file(folder.path() / "counts.json", "nonsense");
  counts.take_in(folder.path() / "counts.json");
  CHECK(counts.sum("shop-live/c-1").requests == 0);
}
