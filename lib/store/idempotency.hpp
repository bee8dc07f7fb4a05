/// @file
/// IdempotencyKeys: which deployment was asked for with a sender's own key, for those who ask twice.
///
/// Invariant: a key of one sender is of one deployment, and is stored in the transaction that queues it (see Queue), so
/// that none of them is ever there without the other.
#pragma once

#include "store/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace teal {

class IdempotencyKeys {
public:
  /// Keys are known for so long.
  static constexpr Milliseconds k_age = std::chrono::hours(24);

  explicit IdempotencyKeys(Database& database) : m_database(database) {}

  struct Known {
    std::int64_t deployment = 0;
    std::string request; ///< the fingerprint of what was asked for with it
  };
  [[nodiscard]] std::optional<Known> find(std::string_view who, std::string_view key) const;

private:
  Database& m_database;
};

} // namespace teal
