#include "serve/delivery_work.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "model/event_id.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"
#include "request/forgetting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace teal::serve {

namespace {

constexpr std::size_t k_at_once = 256;
constexpr Milliseconds k_pause_without_store = std::chrono::seconds(30);

/// Settings that are wrong are told by the round, and nothing is forgotten meanwhile.
void forget_old(const Home& home, Store& store, const std::string& app) try {
  forget_old_events(home, store, app);
} catch (const Error& error) {
  if (error.kind() != ErrorKind::settings) {
    throw;
  }
}

/// `count` of them, of which this is the first.
void tell(const Log& log, const StoredDelivery& delivery, const Deliveries::Settled& settled, std::size_t count) {
  const Log::Fields fields{{"app", delivery.app}, {"source", delivery.source}, {"event", delivery_id(delivery.id)}};
  const std::string text =
      settled.outcome + (count == 1 ? "" : fmt::format(" (and so of {} deliveries after it)", count - 1));
  if (settled.status == DeliveryStatus::failed) {
    log.error(text, fields);
  } else if (settled.status != DeliveryStatus::waiting) {
    log.info(text, fields);
  } else if (delivery.attempts == 0) { // and not again until it is over
    log.warn("is tried again: " + text, fields);
  }
}

/// Once for all that the same came of: a flood of deliveries is none of lines.
void tell_all(const Log& log, const std::vector<StoredDelivery>& due, const std::vector<Deliveries::Settled>& settled) {
  struct Told {
    const StoredDelivery* delivery;
    const Deliveries::Settled* settled;
    std::size_t count;
  };
  std::vector<Told> all;
  std::map<std::tuple<std::string_view, std::string_view, DeliveryStatus, bool>, std::size_t> known;
  auto delivery = due.begin();
  for (const Deliveries::Settled& one : settled) {
    delivery = std::find_if(delivery, due.end(), [&](const auto& each) { return each.id == one.id; });
    const auto [found, is_new] =
        known.try_emplace({delivery->source, one.outcome, one.status, delivery->attempts == 0}, all.size());
    if (is_new) {
      all.push_back({&*delivery, &one, 1});
    } else {
      ++all[found->second].count;
    }
  }
  for (const Told& one : all) {
    tell(log, *one.delivery, *one.settled, one.count);
  }
}

} // namespace

std::optional<Milliseconds> DeliveryWork::work_off(const std::string& app, const std::stop_token& end) {
  try {
    const AppFolder folder = m_place.home.app(app);
    if (!files::exists(folder.root)) {
      return std::nullopt; // it was removed, with all that was delivered
    }
    const auto lock = FileLock::try_acquire(folder.delivery_lock());
    if (!lock) {
      return k_beside;
    }
    Store store(m_place.home.store(), m_place.clock);
    const bool is_more_due = work_off_due(store, app, end);
    note_hindrance(app, "");
    if (is_more_due) { // nobody looks through all of a backlog after each batch of it
      return Milliseconds(0);
    }
    forget_old(m_place.home, store, app);
    const TimePoint now = m_place.clock.now();
    const auto next = store.deliveries.next_due(app, now);
    return next ? std::optional(std::max(*next - now, Milliseconds(0))) : std::nullopt;
  } catch (const std::exception& error) {
    note_hindrance(app, error.what());
    return k_pause_without_store;
  }
}

Deliveries::Settled DeliveryWork::replay(Store& store, const StoredDelivery& delivery, bool is_trial) const {
  const std::stop_token end;
  return DeliveryRound(m_place, store, delivery.app, end, is_trial).work({delivery}).front();
}

/// Told when it is another one than before: it may last.
void DeliveryWork::note_hindrance(const std::string& app, const std::string& what) {
  {
    const std::lock_guard guard(m_mutex);
    if (std::exchange(m_hindrances[app], what) == what) {
      return;
    }
  }
  if (!what.empty()) {
    m_place.log.error(
        fmt::format("deliveries wait, and are tried every {}: {}", format_duration(k_pause_without_store), what),
        {{"app", app}});
  }
}

/// A batch of them: what is left is due still, and other apps have waited longer then. Returns whether more may be.
bool DeliveryWork::work_off_due(Store& store, const std::string& app, const std::stop_token& end) const {
  const auto due = store.deliveries.due(app, m_place.clock.now(), k_at_once);
  if (due.empty()) {
    return false;
  }
  store.database.require_writable(); // what is fetched has to be queued then
  const auto settled = settle_all(store, app, due, end);
  store.deliveries.settle(settled);
  tell_all(m_place.log, due, settled);
  for (const Deliveries::Settled& one : settled) {
    if (one.status != DeliveryStatus::waiting) {
      m_place.metrics.count_delivery(one.status);
    }
  }
  return due.size() == k_at_once;
}

/// Settings that are wrong will be mended: all of it waits for that.
std::vector<Deliveries::Settled> DeliveryWork::settle_all(Store& store, const std::string& app,
                                                          const std::vector<StoredDelivery>& due,
                                                          const std::stop_token& end) const {
  std::optional<DeliveryRound> round;
  try {
    round.emplace(m_place, store, app, end);
  } catch (const Error& error) {
    std::vector<Deliveries::Settled> settled;
    settled.reserve(due.size());
    for (const StoredDelivery& delivery : due) {
      settled.push_back(later(delivery, error.message(), m_place.clock.now()));
    }
    return settled;
  }
  return round->work(due);
}

} // namespace teal::serve
