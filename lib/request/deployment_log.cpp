#include "request/deployment_log.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <utility>

namespace teal {

namespace {

constexpr std::size_t k_most_output = std::size_t{16} << 20U;
constexpr std::string_view k_indent = "  | ";

} // namespace

DeploymentLog::DeploymentLog(const std::filesystem::path& file, Milliseconds patience) {
  std::error_code ignored; // the open tells
  std::filesystem::create_directories(file.parent_path(), ignored);
  try {
    m_descriptor = open_file(file, O_WRONLY | O_APPEND | O_CREAT, fmt::format("write '{}'", file.string()));
  } catch (const Error&) { // as append() has it
  }
  m_reassurer = std::jthread([this, patience](const std::stop_token& stop) { reassure(stop, patience); });
}

DeploymentLog::DeploymentLog(Output& reader)
    : m_reader(&reader), m_reassurer([this](const std::stop_token& stop) { reassure(stop, k_patience); }) {}

void DeploymentLog::reassure(const std::stop_token& stop, Milliseconds patience) {
  std::unique_lock lock(m_mutex);
  Stopwatch silence;
  while (!stop.stop_requested()) {
    m_end.wait_for(lock, stop, patience, [] { return false; });
    if (std::exchange(m_has_news, false)) {
      silence = Stopwatch();
    } else if (!stop.stop_requested()) {
      write_line(fmt::format("still at it: nothing new for {}", format_seconds(silence.elapsed())));
      m_has_news = false;
    }
  }
}

void DeploymentLog::header(const Deployment& deployment) {
  line(fmt::format("{} -> {}   deployment {}   {}", deployment.event.app, place_of(deployment), deployment.id,
                   describe(deployment.event)));
}

void DeploymentLog::step(const Step& step) {
  const bool failed = step.status == StepStatus::failed;
  line(trim(fmt::format("{:<8} {:>8}   {}{}{}", to_string(step.name), format_seconds(step.duration),
                        failed ? "failed" : "", failed && !step.fact.empty() ? ": " : "", step.fact)));
}

void DeploymentLog::output(std::string_view text) {
  const std::lock_guard lock(m_mutex);
  if (m_output > k_most_output) {
    return;
  }
  m_output += text.size();
  std::string indented;
  for (const char c : text) {
    if (!m_line_open) {
      indented += k_indent;
    }
    indented += c;
    m_line_open = c != '\n';
  }
  append(indented);
  if (m_output > k_most_output) {
    write_line("  | ... the rest of the output is left out");
  }
}

void DeploymentLog::line(std::string_view text) {
  const std::lock_guard lock(m_mutex);
  write_line(text);
}

void DeploymentLog::write_line(std::string_view text) {
  append(fmt::format("{}{}\n", m_line_open ? "\n" : "", text));
  m_line_open = false;
}

/// A log that cannot be written (a full disk) must not stop a deployment that can go on, so a failed write is let be.
void DeploymentLog::append(std::string_view text) {
  const std::string safe = printable(text, true);
  m_has_news = true;
  static_cast<void>(m_reader != nullptr ? m_reader->write(safe)
                                        : write_all(m_descriptor.number(), safe.data(), safe.size()));
}

std::string describe(const Event& event) {
  if (!event.artifact.empty()) {
    return fmt::format("image {}", printable(event.ref));
  }
  return fmt::format("{} {} \"{}\"", printable(short_ref(event.ref)), short_commit(event.new_commit), event.subject);
}

} // namespace teal
