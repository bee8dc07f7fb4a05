/// @file
/// DeliveryWork: from an app's stored deliveries to deployments.
///
/// What a payload says is a hint: each ref is resolved again at its source, and what that has now is what is asked for,
/// if it was not asked for already. So an older delivery, or one that is sent again, never moves an app back; a branch
/// that was force-pushed and a tag that was moved are followed to where they are now; of many deliveries of one ref
/// that wait, one fetch answers all.
///
/// Invariant: a delivery is settled after its deployment is queued, and a commit that a source asked for last is not
/// asked for again (with `redeploy`, not for the same delivery); so a killed worker is followed by one that loses
/// nothing and deploys nothing twice.
#pragma once

#include "serve/delivery_round.hpp"
#include "store/store.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace teal::serve {

class DeliveryWork {
public:
  explicit DeliveryWork(DeliveryPlace place) : m_place(std::move(place)) {}

  static constexpr Milliseconds k_beside{500}; ///< until it is looked again whether another process is done

  /// Works off a batch of what is due of the app's, in one thread at a time for an app, and none beside another process
  /// that does. Returns after how long more will be, or nothing if none waits. What hinders it is told to the log once,
  /// and tried again later.
  [[nodiscard]] std::optional<Milliseconds> work_off(const std::string& app, const std::stop_token& end);
  /// One delivery once more, whatever became of it before: what its refs are at the source now is asked for, or, in a
  /// trial, what would be is told. What came of it is not stored; `waiting`, where the source is away. Throws Error.
  [[nodiscard]] Deliveries::Settled replay(Store& store, const StoredDelivery& delivery, bool is_trial) const;

private:
  void note_hindrance(const std::string& app, const std::string& what);
  [[nodiscard]] bool work_off_due(Store& store, const std::string& app, const std::stop_token& end) const;
  [[nodiscard]] std::vector<Deliveries::Settled> settle_all(Store& store, const std::string& app,
                                                            const std::vector<StoredDelivery>& due,
                                                            const std::stop_token& end) const;

  DeliveryPlace m_place;
  std::mutex m_mutex;                              // of what follows
  std::map<std::string, std::string> m_hindrances; ///< that were told, by app; empty: none
};

} // namespace teal::serve
