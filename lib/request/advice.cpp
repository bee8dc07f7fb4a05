#include "request/advice.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

std::string with_home(std::string_view text, const Home& home) {
  constexpr std::string_view k_name = "tealhook ";
  constexpr std::string_view k_before = " \n'(";
  constexpr std::string_view k_word_ends = " \n'\";,)";
  const std::string option = fmt::format("--home {} ", home.root.string());
  std::string result;
  std::size_t done = 0;
  for (auto at = text.find(k_name); at != std::string_view::npos; at = text.find(k_name, at + 1)) {
    const std::size_t word = at + k_name.size();
    const auto name = text.substr(word, text.find_first_of(k_word_ends, word) - word);
    const auto line = text.substr(at == 0 ? 0 : text.rfind('\n', at - 1) + 1);
    const bool begins = at == 0 || k_before.find(text[at - 1]) != std::string_view::npos;
    if (begins && !line.starts_with("  | ") &&
        std::find(k_commands.begin(), k_commands.end(), name) != k_commands.end()) {
      result.append(text.substr(done, word - done)).append(option);
      done = word;
    }
  }
  return result.append(text.substr(done));
}

} // namespace teal
