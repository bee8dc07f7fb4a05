#include "engine/push_output.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

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

/// "5f70bf18a086: Pushed", "5f70bf18a086: Layer already exists", "5f70bf18a086: Preparing".
void PushProgress::feed(std::string_view chunk) {
  constexpr std::size_t k_id_length = 12;
  m_rest += chunk;
  for (auto end = m_rest.find('\n'); end != std::string::npos; end = m_rest.find('\n')) {
    const std::string line(trim(m_rest.substr(0, end)));
    m_rest.erase(0, end + 1);
    const auto colon = line.find(": ");
    if (colon == k_id_length && line.find_first_not_of("0123456789abcdef") == colon) {
      const std::string_view words = std::string_view(line).substr(colon + 2);
      const bool is_there = words == "Pushed" || words == "Layer already exists" || words.starts_with("Mounted from");
      m_layers[line.substr(0, colon)] |= is_there;
    }
  }
}

std::string PushProgress::text() const {
  const auto there = std::count_if(m_layers.begin(), m_layers.end(), [](const auto& layer) { return layer.second; });
  return m_layers.empty() ? "" : fmt::format("{} of {} layers", there, m_layers.size());
}

} // namespace teal::engine
