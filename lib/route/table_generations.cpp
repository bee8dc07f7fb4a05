#include "route/table_generations.hpp"

#include "core/text.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_prefix = "routes-";

std::vector<std::uint64_t> generations_in(const fs::path& folder) {
  std::vector<std::uint64_t> found;
  for (const fs::path name : files::names_in(folder)) {
    const std::string stem = name.stem().string();
    const auto number = stem.starts_with(k_prefix) ? parse_integer(stem.substr(k_prefix.size())) : std::nullopt;
    if (number) {
      found.push_back(static_cast<std::uint64_t>(*number));
    }
  }
  return found;
}

fs::path name_of(std::uint64_t generation) {
  return fmt::format("{}{}.json", k_prefix, generation);
}

} // namespace

std::uint64_t TableGenerations::newest() const {
  const auto all = generations_in(m_folder);
  return all.empty() ? 0 : *std::max_element(all.begin(), all.end());
}

void TableGenerations::forget_but(const std::set<std::uint64_t>& generations) const {
  for (const std::uint64_t one : generations_in(m_folder)) {
    if (!generations.contains(one)) {
      files::remove(m_folder / name_of(one));
    }
  }
}

TableStore TableGenerations::store_of(std::uint64_t generation) const {
  return TableStore(m_folder, name_of(generation).string());
}

} // namespace teal::route
