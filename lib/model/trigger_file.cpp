#include "model/trigger_file.hpp"

#include <algorithm>

namespace teal {

bool is_trigger_file_name(std::string_view name) noexcept {
  const auto is_out_of_place = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < ' ' || byte == 0x7f || c == '/';
  };
  return !name.empty() && name.size() <= k_longest_trigger_file && name.front() != '.' && !name.ends_with(".tmp") &&
         !name.ends_with(".part") && std::none_of(name.begin(), name.end(), is_out_of_place);
}

} // namespace teal
