#include "http/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace teal::http {

std::optional<Milliseconds> RateLimit::take(std::string_view key, Time now) {
  Bucket& bucket = bucket_of(key, now);
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - bucket.filled).count());
  bucket.tokens = std::min(m_rate.burst, bucket.tokens + seconds * m_rate.per_second);
  bucket.filled = std::max(bucket.filled, now);
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  return Milliseconds(static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / m_rate.per_second * 1000)));
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
