#include "core/error.hpp"

#include <system_error>

namespace teal {

Error::Error(ErrorKind kind, std::string message) : m_kind(kind), m_message(std::move(message)), m_text(m_message) {}

Error& Error::add_context(const std::string& doing) {
  m_text += "\n  while " + doing;
  m_trail.push_back(doing);
  return *this;
}

std::string_view to_string(ErrorKind kind) noexcept {
  switch (kind) {
  case ErrorKind::usage:
    return "usage";
  case ErrorKind::settings:
    return "settings";
  case ErrorKind::environment:
    return "environment";
  case ErrorKind::timeout:
    return "timeout";
  case ErrorKind::busy:
    return "busy";
  case ErrorKind::internal:
    break;
  }
  return "internal";
}

int exit_code(ErrorKind kind) noexcept {
  switch (kind) {
  case ErrorKind::usage:
  case ErrorKind::settings:
    return 2;
  case ErrorKind::busy:
    return 4;
  case ErrorKind::environment:
  case ErrorKind::timeout:
  case ErrorKind::internal:
    break;
  }
  return 3;
}

std::string system_reason(int error_number) {
  std::string words = std::generic_category().message(error_number);
  if (!words.empty() && words.front() >= 'A' && words.front() <= 'Z') {
    words.front() = static_cast<char>(words.front() - 'A' + 'a');
  }
  return words;
}

} // namespace teal
