#include "model/home.hpp"

#include <fmt/format.h>

namespace teal {

std::filesystem::path AppFolder::repository(Color color) const {
  return root / fmt::format("{}.git", to_string(color));
}

std::filesystem::path AppFolder::checkout_index(Color color) const {
  return root / fmt::format("{}.index", to_string(color));
}

std::filesystem::path AppFolder::source_repository(std::string_view source) const {
  return root / "sources" / fmt::format("{}.git", source);
}

std::filesystem::path AppFolder::log(std::int64_t deployment) const {
  return logs() / fmt::format("{}.log", deployment);
}

std::filesystem::path AppFolder::cancel_mark(std::int64_t deployment) const {
  return root / fmt::format("{}.cancel", deployment);
}

} // namespace teal
