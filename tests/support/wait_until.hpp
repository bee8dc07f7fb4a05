/// @file
/// wait_until: a test waits for a condition with a deadline, never for a time.
#pragma once

#include "support/catch.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace teal {

/// Fails the test if `condition` is not met within `patience`. By the test's own thread only.
template <class Condition>
void wait_until(Condition&& condition, std::chrono::milliseconds patience, const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      FAIL("waited in vain for " << what);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  SUCCEED(what);
}

} // namespace teal
