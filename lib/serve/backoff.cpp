#include "serve/backoff.hpp"

#include "store/deliveries.hpp"

#include <algorithm>

namespace teal::serve {

namespace {

constexpr Milliseconds k_first_pause = std::chrono::seconds(5);

} // namespace

Milliseconds backoff(int attempts) {
  constexpr int k_most_doublings = 10;
  return std::min(Deliveries::k_longest_pause, k_first_pause * (1 << std::clamp(attempts, 0, k_most_doublings)));
}

} // namespace teal::serve
