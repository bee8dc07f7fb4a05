/// @file
/// Table: rows of text in columns as wide as their widest cell, two spaces apart.
#pragma once

#include <string>
#include <vector>

namespace teal::tool {

using Row = std::vector<std::string>;

/// Without a line feed at the end, nor spaces at the end of a line.
[[nodiscard]] std::string format_table(const std::vector<Row>& rows);

} // namespace teal::tool
