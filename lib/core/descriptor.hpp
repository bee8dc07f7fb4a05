/// @file
/// Descriptor: an open file descriptor with one owner, closed when it leaves scope.
#pragma once

namespace teal {

class Descriptor {
public:
  Descriptor() = default;
  /// Owns what a system call returned, which is nothing where that is negative.
  explicit Descriptor(int number) : m_number(number) {}
  Descriptor(Descriptor&& from) noexcept : m_number(from.release()) {}
  Descriptor& operator=(Descriptor&& from) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] explicit operator bool() const { return m_number >= 0; }
  [[nodiscard]] int number() const { return m_number; }
  [[nodiscard]] int release() noexcept;
  /// Leaves errno as it is.
  void close() noexcept;

private:
  int m_number = -1;
};

} // namespace teal
