#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "traffic/shift_record.hpp"

using namespace teal;

TEST_CASE("a gradual switch is under way as long as somebody holds its lock and nobody has called it off") {
  const TempFolder home;
  const AppFolder folder{home.path()};
  CHECK_FALSE(read_shift(folder));
  write_shift(folder, {.who = "anna", .from = Color::green, .to = Color::blue, .percent = 10});
  CHECK_FALSE(shift_under_way(folder));

  const auto at_it = FileLock::try_acquire(folder.shift_lock());
  ShiftRecord record = shift_under_way(folder).value();
  CHECK(describe(record) == "the switch from green to blue by anna, at 10%");
  record.called_off_by = "ben";
  write_shift(folder, record);
  CHECK_FALSE(shift_under_way(folder));
  CHECK(read_shift(folder).value().called_off_by == "ben");
  forget_shift(folder);
  CHECK_FALSE(read_shift(folder));
}

TEST_CASE("of a record that somebody spoiled it is known that it is there") {
  const TempFolder home;
  const AppFolder folder{home.path()};
  write_file(folder.shift(), "anna\n");
  CHECK(read_shift(folder));
}
