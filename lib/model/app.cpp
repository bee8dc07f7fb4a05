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

constexpr std::string_view k_image_tag = "image-";

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
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

std::string tag_of_image(std::string_view image_id) {
  constexpr std::size_t k_digits = 16;
  return std::string(k_image_tag).append(image_id.substr(image_id.find(':') + 1, k_digits));
}

bool is_own_tag(std::string_view tag) noexcept {
  return parse_color(tag) || tag.starts_with(k_image_tag) || is_commit(tag);
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

std::map<std::string, std::string> label::blank() {
  std::map<std::string, std::string> labels;
  for (const char* name : {k_home, k_app, k_color, k_port, k_process, k_replica, k_commit, k_release, k_deployment,
                           k_scaling, k_networks, k_shared, k_start, k_reached_at}) {
    labels.emplace(name, "");
  }
  return labels;
}

} // namespace teal
