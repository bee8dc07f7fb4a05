#include "core/error.hpp"

namespace teal {

Error::Error(ErrorKind kind, std::string message) : m_kind(kind), m_message(std::move(message)), m_text(m_message) {}

Error& Error::add_context(const std::string& doing) {
  m_text += "\n  while " + doing;
  return *this;
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

} // namespace teal
