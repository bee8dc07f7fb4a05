#include "core/descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace teal {

Descriptor& Descriptor::operator=(Descriptor&& from) noexcept {
  if (this != &from) {
    close();
    m_number = from.release();
  }
  return *this;
}

int Descriptor::release() noexcept {
  return std::exchange(m_number, -1);
}

void Descriptor::close() noexcept {
  if (m_number >= 0) {
    const int before = errno;
    ::close(release());
    errno = before;
  }
}

} // namespace teal
