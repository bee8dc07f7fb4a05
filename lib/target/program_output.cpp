#include "target/program_output.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <exception>

namespace teal {

ProgramOutput::~ProgramOutput() {
  try {
    if (!m_line.empty()) {
      end_line();
      pass_on();
    }
  } catch (const std::exception&) { // the log's own trouble
  }
}

void ProgramOutput::add(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    add_to_line(text.substr(0, end));
    if (end == text.size()) {
      break;
    }
    if (text[end] == '\n') {
      end_line();
    } else {
      m_returned = true;
    }
    text.remove_prefix(end + 1);
  }
  pass_on();
}

void ProgramOutput::add_to_line(std::string_view text) {
  if (m_returned && !text.empty()) {
    m_line.clear();
    m_is_cut = m_returned = false;
  }
  const std::string_view fits = text.substr(0, k_longest_line - m_line.size());
  m_line += fits;
  m_is_cut = m_is_cut || fits.size() < text.size();
}

void ProgramOutput::end_line() {
  m_line.resize(m_line.find_last_not_of(" \t") + 1); // git fills up what a remote says with blanks
  m_lines.append(m_line).append(m_is_cut ? " ... the rest of the line is left out\n" : "\n");
  m_line.clear();
  m_is_cut = m_returned = false;
}

void ProgramOutput::pass_on() {
  if (!m_lines.empty()) {
    m_steps.output(m_lines);
    m_lines.clear();
  }
}

} // namespace teal
