#include "route/generation.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

namespace teal::route {

namespace {

constexpr std::string_view k_mark = "tealhook generation ";
constexpr std::string_view k_digits = "0123456789";
constexpr std::string_view k_following = ", following signposts";

} // namespace

std::string generation_mark(std::uint64_t generation) {
  return fmt::format("{}{}", k_mark, generation);
}

std::optional<std::uint64_t> find_generation(std::string_view text) {
  const auto at = text.find(k_mark);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const auto rest = text.substr(at + k_mark.size());
  const auto number = parse_integer(rest.substr(0, rest.find_first_not_of(k_digits)));
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

std::string following_mark(std::uint64_t generation) {
  return fmt::format("{}{}", generation_mark(generation), k_following);
}

std::optional<Running> find_running(std::string_view text) {
  const auto generation = find_generation(text);
  return generation ? std::optional(Running{*generation, text.find(following_mark(*generation)) != std::string::npos})
                    : std::nullopt;
}

std::uint64_t generation_of(const std::filesystem::path& file) {
  return files::exists(file) ? find_generation(read_file(file)).value_or(0) : 0;
}

} // namespace teal::route
