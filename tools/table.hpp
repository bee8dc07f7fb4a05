/// @file
/// Table: rows of text in columns as wide as their widest cell, two spaces apart.
#pragma once

#include "config/load.hpp"

#include <string>
#include <vector>

namespace teal::tool {

using Row = std::vector<std::string>;

/// Without a line feed at the end, nor spaces at the end of a line. A cell is on one line, whatever is in it.
[[nodiscard]] std::string format_table(std::vector<Row> rows);
/// Each key with its value and where that comes from.
[[nodiscard]] std::string format_table(const std::vector<SettingValue>& settings);

} // namespace teal::tool
