#include "table.hpp"

#include "core/text.hpp"
#include "core/utf8.hpp"

#include <algorithm>

namespace teal::tool {

std::string format_table(std::vector<Row> rows) {
  std::vector<std::size_t> widths;
  for (Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = printable(row[i]);
      widths[i] = std::max(widths[i], count_characters(row[i]));
    }
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i] + std::string(widths[i] - count_characters(row[i]) + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

std::string format_table(const std::vector<SettingValue>& settings) {
  std::vector<Row> rows{{"KEY", "VALUE", "FROM"}};
  for (const SettingValue& setting : settings) {
    rows.push_back({setting.key, setting.value, setting.origin});
  }
  return format_table(std::move(rows));
}

} // namespace teal::tool
