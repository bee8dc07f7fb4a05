/// @file
/// RateLimit: how often each client may ask: a bucket of tokens a key, refilled as time goes by.
///
/// Invariant: it remembers at most so many keys; the one that asked longest ago is forgotten first. For one thread.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace teal::http {

struct Rate {
  double per_second = 10;
  double burst = 50; ///< what may come at once; at least 1
  std::size_t keys = 10'000;
};

class RateLimit {
public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RateLimit(const Rate& rate) : m_rate(rate) {}

  /// Nothing if `key` may go ahead now, else how long until it may. Who is refused is not kept waiting longer for it.
  [[nodiscard]] std::optional<Milliseconds> take(std::string_view key, Time now);
  /// What take() would say, without taking: for what is counted only once it turns out to be bad.
  [[nodiscard]] std::optional<Milliseconds> wait(std::string_view key, Time now) const;
  [[nodiscard]] std::size_t size() const { return m_buckets.size(); }

private:
  struct Bucket {
    std::string key;
    double tokens;
    Time filled;
  };

  [[nodiscard]] double tokens_of(const Bucket& bucket, Time now) const;
  [[nodiscard]] std::optional<Milliseconds> wait_for(double tokens) const;
  Bucket& bucket_of(std::string_view key, Time now);

  Rate m_rate;
  std::list<Bucket> m_buckets; ///< who asked last comes first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> m_by_key;
};

} // namespace teal::http
