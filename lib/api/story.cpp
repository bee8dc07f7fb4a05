#include "api/story.hpp"

#include "core/text.hpp"
#include "core/utf8.hpp"
#include "report/json.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace teal::api {

namespace {

namespace json = boost::json;

/// Behind the last line feed, but for a line that is longer than a piece, which is told in parts.
std::size_t whole_lines(std::string_view text) {
  const std::size_t feed = text.rfind('\n');
  if (feed != std::string_view::npos) {
    return feed + 1;
  }
  return text.size() < Narrative::k_piece ? 0 : text.size();
}

} // namespace

std::string sse_event(std::string_view name, std::string_view id, std::string_view data) {
  std::string text = id.empty() ? "" : fmt::format("id: {}\n", id);
  text += fmt::format("event: {}\n", name);
  for (const std::string& line : split(data, '\n')) {
    text += fmt::format("data: {}\n", line);
  }
  return text + "\n";
}

Story::Story(const Home& home, const Deployment& deployment, std::uint64_t from)
    : m_id(deployment.id), m_log(home.app(deployment.event.app).log(deployment.id)), m_offset(from) {}

std::string Story::next(const Store& store) {
  // The store before the log: what was logged before the outcome is then told before it.
  std::string text = look(store);
  if (m_is_over) {
    return text;
  }
  text += lines();
  if (text.empty() && m_deployment && is_final(m_deployment->status)) {
    m_is_over = true;
    return sse_event("outcome", k_end, json::serialize(to_json(*m_deployment)));
  }
  return text;
}

std::string Story::look(const Store& store) {
  const std::int64_t version = store.database.version();
  if (m_version == version) {
    return {};
  }
  m_version = version;
  m_deployment = store.history.deployment(m_id);
  if (!m_deployment) {
    m_is_over = true;
    return sse_event("gone", k_end, R"({"reason":"its app was removed"})");
  }
  return changes(*m_deployment);
}

std::string Story::changes(const Deployment& deployment) {
  std::string text;
  if (m_told_status != deployment.status) {
    m_told_status = deployment.status;
    text = sse_event("status", "", fmt::format(R"({{"status":"{}"}})", to_string(deployment.status)));
  }
  for (const Step& step : deployment.steps) {
    const auto told = m_told_steps.find(step.name);
    if (told == m_told_steps.end() || told->second != step.status) {
      m_told_steps.insert_or_assign(step.name, step.status);
      text += sse_event("step", "", json::serialize(to_json(step)));
    }
  }
  return text;
}

std::string Story::lines() {
  const std::string read = m_log.read(m_offset, k_piece);
  const bool is_last = m_deployment && is_final(m_deployment->status) && read.size() < k_piece;
  const std::string_view piece = std::string_view(read).substr(0, is_last ? read.size() : whole_lines(read));
  std::string text;
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t feed = std::min(piece.find('\n', at), piece.size());
    const std::size_t end = std::min(feed + 1, piece.size());
    text += sse_event("log", std::to_string(m_offset + end), valid_utf8(piece.substr(at, feed - at)));
    at = end;
  }
  m_offset += piece.size();
  return text;
}

} // namespace teal::api
