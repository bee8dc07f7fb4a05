#include "model/app.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr std::size_t k_longest_name = 40; // "tealhook-NAME-green-retired" stays below the 63 of a host name label

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

} // namespace

bool is_app_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= k_longest_name && is_letter(name.front()) && name.back() != '-' &&
         name.find("--") == std::string_view::npos && std::all_of(name.begin(), name.end(), is_name_character);
}

void require_app_name(std::string_view name) {
  if (!is_app_name(name)) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' cannot be an app's name: use 1 to {} of a-z, 0-9 and single '-', a letter first",
                            shorten(printable(name), 60), k_longest_name));
  }
}

std::string container_name(std::string_view app, Color color) {
  return fmt::format("{}-{}", app, to_string(color));
}

std::string network_name(std::string_view app) {
  return fmt::format("tealhook-{}", app);
}

std::string starting_network_name(std::string_view home) {
  return fmt::format("tealhook--start-{:016x}", fingerprint(home));
}

std::string former_starting_network_name(std::string_view app) {
  return network_name(app) + "--start";
}

} // namespace teal
