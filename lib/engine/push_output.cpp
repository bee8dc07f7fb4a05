#include "engine/push_output.hpp"

#include "core/text.hpp"
#include "engine/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::engine {

void PushOutput::feed(std::string_view chunk) {
  m_rest += chunk;
  std::size_t start = 0;
  for (auto end = m_rest.find('\n'); end != std::string::npos; end = m_rest.find('\n', start)) {
    read_line(trim(std::string_view(m_rest).substr(start, end - start)));
    start = end + 1;
  }
  m_rest.erase(0, start);
}

/// {"status": "Pushed", "id": "5f70bf18a086"}, {"error": "…"}, {"aux": {"Tag": "blue", "Digest": "sha256:…"}}.
void PushOutput::read_line(std::string_view line) {
  if (line.empty()) {
    return;
  }
  const boost::json::value value = fields::parse(line, "the engine");
  if (std::string fault = fields::text(value, {"error"}); !fault.empty()) {
    m_fault = std::move(fault);
  }
  if (fields::text(value, {"aux", "Tag"}) == m_tag) {
    m_digest = fields::text(value, {"aux", "Digest"});
  }
  if (const std::string layer = fields::text(value, {"id"}); !layer.empty()) {
    const std::string status = fields::text(value, {"status"});
    const bool is_there = status == "Pushed" || status == "Layer already exists" || status.starts_with("Mounted from");
    m_layers[layer] |= is_there;
  }
}

std::string PushOutput::text() const {
  const auto there = std::count_if(m_layers.begin(), m_layers.end(), [](const auto& layer) { return layer.second; });
  return m_layers.empty() ? "" : fmt::format("{} of {} layers", there, m_layers.size());
}

} // namespace teal::engine
