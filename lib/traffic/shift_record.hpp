/// @file
/// ShiftRecord: a gradual switch that is under way, written down beside its app.
///
/// Invariant: whoever shifts holds the shift's lock, which dies with them; a record without that lock is of one that
/// was killed. It is written under the app's traffic lock.
#pragma once

#include "model/color.hpp"
#include "model/home.hpp"

#include <optional>
#include <string>

namespace teal {

struct ShiftRecord {
  std::string who;
  Color from = Color::blue;
  Color to = Color::blue;
  unsigned percent = 0;      ///< of live traffic that goes to `to`
  std::string called_off_by; ///< empty: nobody; else whoever shifts is to move nothing any more
};

[[nodiscard]] std::optional<ShiftRecord> read_shift(const AppFolder& folder);
void write_shift(const AppFolder& folder, const ShiftRecord& record);
void forget_shift(const AppFolder& folder);
/// The one that somebody is at, and nobody has called off.
[[nodiscard]] std::optional<ShiftRecord> shift_under_way(const AppFolder& folder);

/// "the switch from blue to green by anna, at 50%".
[[nodiscard]] std::string describe(const ShiftRecord& record);

} // namespace teal
