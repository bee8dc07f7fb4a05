#include "http/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace teal::http {

double RateLimit::tokens_of(const Bucket& bucket, Time now) const {
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - bucket.filled).count());
  return std::min(m_rate.burst, bucket.tokens + seconds * m_rate.per_second);
}

std::optional<Milliseconds> RateLimit::wait_for(double tokens) const {
  return tokens >= 1 ? std::nullopt
                     : std::optional(
                           Milliseconds(static_cast<std::int64_t>(std::ceil((1 - tokens) / m_rate.per_second * 1000))));
}

std::optional<Milliseconds> RateLimit::take(std::string_view key, Time now) {
  Bucket& bucket = bucket_of(key, now);
  bucket.tokens = tokens_of(bucket, now);
  bucket.filled = std::max(bucket.filled, now);
  const auto wait = wait_for(bucket.tokens);
  if (!wait) {
    bucket.tokens -= 1;
  }
  return wait;
}

std::optional<Milliseconds> RateLimit::wait(std::string_view key, Time now) const {
  const auto known = m_by_key.find(key);
  return known == m_by_key.end() ? std::nullopt : wait_for(tokens_of(*known->second, now));
}

RateLimit::Bucket& RateLimit::bucket_of(std::string_view key, Time now) {
  if (const auto known = m_by_key.find(key); known != m_by_key.end()) {
    m_buckets.splice(m_buckets.begin(), m_buckets, known->second);
    return m_buckets.front();
  }
  if (m_buckets.size() >= m_rate.keys) {
    m_by_key.erase(m_buckets.back().key);
    m_buckets.pop_back();
  }
  m_buckets.push_front({.key = std::string(key), .tokens = m_rate.burst, .filled = now});
  m_by_key.emplace(m_buckets.front().key, m_buckets.begin());
  return m_buckets.front();
}

} // namespace teal::http
