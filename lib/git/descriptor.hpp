/// @file
/// Descriptor: a file descriptor that is closed when it leaves scope.
#pragma once

#include <unistd.h>

#include <utility>

namespace teal::git {

class Descriptor {
public:
  explicit Descriptor(int number = -1) : m_number(number) {}
  Descriptor(Descriptor&& from) noexcept : m_number(std::exchange(from.m_number, -1)) {}
  Descriptor& operator=(Descriptor&& from) noexcept {
    std::swap(m_number, from.m_number);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (m_number >= 0) {
      ::close(m_number);
    }
  }

  [[nodiscard]] int get() const { return m_number; }
  [[nodiscard]] explicit operator bool() const { return m_number >= 0; }

private:
  int m_number;
};

} // namespace teal::git
