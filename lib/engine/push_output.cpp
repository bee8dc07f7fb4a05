#include "engine/push_output.hpp"

#include "core/text.hpp"

namespace teal::engine {

std::optional<std::string> find_digest(std::string_view output, std::string_view tag) {
  const std::string words = std::string(tag) + ": digest: ";
  for (const std::string& line : split(output, '\n')) {
    const std::string_view text = trim(line);
    if (text.starts_with(words)) {
      const std::string_view digest = text.substr(words.size());
      return std::string(digest.substr(0, digest.find(' ')));
    }
  }
  return std::nullopt;
}

} // namespace teal::engine
