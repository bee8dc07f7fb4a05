#include "traffic/shift_record.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr std::size_t k_lines = 5;

} // namespace

std::optional<ShiftRecord> read_shift(const AppFolder& folder) {
  if (!files::exists(folder.shift())) {
    return std::nullopt;
  }
  const auto lines = split(read_file(folder.shift()), '\n');
  const auto from = lines.size() < k_lines ? std::nullopt : parse_color(lines[1]);
  const auto to = lines.size() < k_lines ? std::nullopt : parse_color(lines[2]);
  const auto percent = lines.size() < k_lines ? std::nullopt : parse_integer(lines[3]);
  if (!from || !to || !percent) {
    return ShiftRecord{}; // somebody edited it: nothing can be told but that there was one
  }
  return ShiftRecord{lines[0], *from, *to, static_cast<unsigned>(*percent), lines[4]};
}

void write_shift(const AppFolder& folder, const ShiftRecord& record) {
  write_file(folder.shift(), fmt::format("{}\n{}\n{}\n{}\n{}\n", printable(record.who), to_string(record.from),
                                         to_string(record.to), record.percent, printable(record.called_off_by)));
}

void forget_shift(const AppFolder& folder) {
  files::remove(folder.shift());
}

std::optional<ShiftRecord> shift_under_way(const AppFolder& folder) {
  auto record = read_shift(folder);
  const bool is_at_it = record && record->called_off_by.empty() && FileLock::is_held(folder.shift_lock());
  return is_at_it ? record : std::nullopt;
}

std::string describe(const ShiftRecord& record) {
  return fmt::format("the switch from {} to {} by {}, at {}%", to_string(record.from), to_string(record.to), record.who,
                     record.percent);
}

} // namespace teal
