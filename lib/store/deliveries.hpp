/// @file
/// Deliveries: what senders delivered, stored before it is answered, and what became of it.
///
/// Invariant: of one app and source, what has the same sender's id is one delivery. It waits until it is settled; one
/// that was refused, or failed, can be sent again, and waits anew under the id that it had.
#pragma once

#include "store/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// In this order: of what comes of several refs, a delivery's is the last.
enum class DeliveryStatus {
  done,
  refused, ///< its ref is not to be deployed, or not there
  failed,  ///< it was tried for too long
  waiting,
};

[[nodiscard]] std::string_view to_string(DeliveryStatus status) noexcept;
[[nodiscard]] std::optional<DeliveryStatus> parse_delivery_status(std::string_view text) noexcept;

struct AskedRef {
  std::string ref;    ///< full name
  std::string commit; ///< hex digits; empty where the sender did not say
  bool operator==(const AskedRef&) const = default;
};

struct StoredDelivery {
  std::int64_t id = 0; ///< 0 until stored
  std::string app;
  std::string source;
  std::string sender; ///< its own id of it; may be empty
  std::vector<AskedRef> refs;
  std::string headers; ///< "Name: value" lines, without what is secret
  std::string payload; ///< the same
  TimePoint at;
  DeliveryStatus status = DeliveryStatus::waiting;
  int attempts = 0;            ///< in vain
  std::string outcome;         ///< in words; of one that waits, why
  std::int64_t deployment = 0; ///< that it came to, or that had been asked for already; of several, the last; 0: none
};

/// Which deliveries are listed: those of any of `apps`, newest first.
struct DeliveryFilter {
  std::vector<std::string> apps;
  std::optional<DeliveryStatus> status = {};
  std::optional<std::int64_t> before = {}; ///< an id: only older ones
  std::size_t limit = 50;
};

class Deliveries {
public:
  /// The longest that one waits for its next try. What is to wait longer was put off before the clock was set back.
  static constexpr Milliseconds k_longest_pause = std::chrono::minutes(10);

  explicit Deliveries(Database& database) : m_database(database) {}

  struct Taken {
    std::int64_t id;
    bool is_new; ///< false: it was there already
  };
  /// All in one transaction, in order; of each, its id. All or nothing.
  [[nodiscard]] std::vector<Taken> add(const std::vector<StoredDelivery>& deliveries);

  /// Those of the app that wait and are due, oldest first, at most `limit`, without headers and payload.
  [[nodiscard]] std::vector<StoredDelivery> due(std::string_view app, TimePoint now, std::size_t limit) const;
  /// When the next of those that wait is due, which may have been long ago. Nothing if none waits.
  [[nodiscard]] std::optional<TimePoint> next_due(std::string_view app, TimePoint now) const;
  [[nodiscard]] std::vector<std::string> apps_with_waiting() const;
  [[nodiscard]] std::int64_t count_waiting() const;

  struct Settled {
    std::int64_t id;
    DeliveryStatus status;
    std::string outcome;
    TimePoint next_try{};        ///< of one that is to wait on
    std::int64_t deployment = 0; ///< see StoredDelivery
  };
  /// In one transaction. One that waits on has made an attempt in vain.
  void settle(const std::vector<Settled>& settled);
  /// One that was settled before, or waits, has come to this.
  void settle_anew(const Settled& settled);

  [[nodiscard]] std::optional<StoredDelivery> find(std::int64_t id) const;
  /// Whether one with the sender's id `sender` is there, whatever became of it.
  [[nodiscard]] bool has(std::string_view app, std::string_view source, std::string_view sender) const;
  /// Newest first, at most `limit`, without headers and payload; of `app`, or of all.
  [[nodiscard]] std::vector<StoredDelivery> list(const std::optional<std::string>& app, std::size_t limit) const;
  /// Without headers and payload.
  [[nodiscard]] std::vector<StoredDelivery> list(const DeliveryFilter& filter) const;
  /// Of the oldest, those that are settled and came before `before`; some hundreds at a time.
  void forget_before(TimePoint before);

private:
  Database& m_database;
};

} // namespace teal
