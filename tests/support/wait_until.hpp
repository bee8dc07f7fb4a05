/// @file
/// wait_until: a test waits for a condition with a deadline, never for a time.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace teal {

template <class Condition>
void wait_until(Condition&& condition, std::chrono::milliseconds patience, const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("waited in vain for " + what);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

} // namespace teal
