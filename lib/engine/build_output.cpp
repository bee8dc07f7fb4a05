#include "engine/build_output.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace teal::engine {

namespace {

constexpr std::size_t k_longest_line = std::size_t{64} << 10U; ///< of what does not end, so much is kept back
constexpr std::array<std::string_view, 4> k_layer_instructions{"RUN", "COPY", "ADD", "WORKDIR"};

char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool makes_layer(std::string_view title) {
  std::string instruction(title.substr(0, title.find(' ')));
  std::transform(instruction.begin(), instruction.end(), instruction.begin(), to_upper);
  return std::find(k_layer_instructions.begin(), k_layer_instructions.end(), instruction) != k_layer_instructions.end();
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes a number above 0 off the front; 0 if there is none.
int take_number(std::string_view& text) {
  int number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return fault == std::errc() ? number : 0;
}

/// The builders' ways to say that a command failed, cut down to its exit code; anything else as it is.
std::string brief_failure(std::string_view text) {
  for (const std::string_view words : {"exit code: ", "returned a non-zero code: "}) {
    if (const auto at = text.find(words); at != std::string_view::npos) {
      return "exit code: " + std::string(text.substr(at + words.size()));
    }
  }
  take_prefix(text, "ERROR: ");
  take_prefix(text, "Error response from daemon: ");
  return std::string(text);
}

bool is_news(std::string_view line) {
  const bool names_digest = take_prefix(line, "#") && take_number(line) != 0 && take_prefix(line, " sha256:");
  return !names_digest && !line.empty();
}

} // namespace

std::string BuildOutput::feed(std::string_view chunk) {
  m_rest += chunk;
  std::string news;
  std::size_t start = 0;
  for (auto end = m_rest.find('\n'); end != std::string::npos; end = m_rest.find('\n', start)) {
    const auto line = std::string_view(m_rest).substr(start, end + 1 - start);
    read_line(trim(line));
    if (is_news(trim(line))) {
      news += line;
    }
    start = end + 1;
  }
  m_rest.erase(0, start);
  if (m_rest.size() > k_longest_line) {
    news += std::exchange(m_rest, {});
  }
  return news;
}

void BuildOutput::read_line(std::string_view line) {
  if (line.empty() || read_buildkit(line) || read_classic(line)) {
    return;
  }
  m_last_line = brief_failure(line);
}

/// "#7 [base 2/5] COPY a b", "#7 CACHED", "#7 ERROR: …"; "#7 0.215 …" is what the step printed.
bool BuildOutput::read_buildkit(std::string_view line) {
  const int number = take_prefix(line, "#") ? take_number(line) : 0;
  if (number == 0 || !take_prefix(line, " ")) {
    return false;
  }
  Step& step = m_steps[number];
  if (line.starts_with('[')) {
    const auto bracket = line.find("] ");
    step.title = bracket == std::string_view::npos ? line : line.substr(bracket + 2);
  } else if (line == "CACHED") {
    step.cached = true;
  } else if (take_prefix(line, "ERROR: ") && m_failed_step == 0) {
    m_failed_step = number;
    m_failure = brief_failure(line);
  }
  return true;
}

/// "Step 2/7 : COPY a b", "---> Using cache".
bool BuildOutput::read_classic(std::string_view line) {
  if (line == "---> Using cache") {
    m_steps[m_classic_step].cached = true;
    return true;
  }
  if (!take_prefix(line, "Step ")) {
    return false;
  }
  const int number = take_number(line);
  if (number == 0 || !take_prefix(line, "/") || take_number(line) == 0 || !take_prefix(line, " : ")) {
    return false;
  }
  m_classic_step = number;
  m_steps[number].title = line;
  return true;
}

int BuildOutput::layers() const {
  return static_cast<int>(
      std::count_if(m_steps.begin(), m_steps.end(), [](const auto& step) { return makes_layer(step.second.title); }));
}

int BuildOutput::cached() const {
  return static_cast<int>(std::count_if(m_steps.begin(), m_steps.end(), [](const auto& step) {
    return step.second.cached && makes_layer(step.second.title);
  }));
}

std::string BuildOutput::failed_step() const {
  const auto found = m_steps.find(m_failed_step != 0 ? m_failed_step : m_classic_step);
  return found == m_steps.end() ? std::string() : found->second.title;
}

} // namespace teal::engine
