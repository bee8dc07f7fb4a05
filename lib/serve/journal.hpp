/// @file
/// Journal: deliveries on their way into the store, many in one transaction.
///
/// While one transaction goes to the disk, what comes waits for the next one: alone, a delivery is stored at once, and
/// among thousands it shares the disk's time with hundreds of others.
///
/// Invariant: each delivery is answered once, after its transaction is on disk, or failed.
#pragma once

#include "core/error.hpp"
#include "store/deliveries.hpp"

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

namespace teal::serve {

class Journal {
public:
  using Result = std::variant<Deliveries::Taken, Error>;
  /// Called from the journal's thread; must not throw.
  using Answer = std::function<void(const Result&)>;

  static constexpr std::size_t k_most_bytes = std::size_t{64} << 20U;

  /// `on_stored` is called with the app of each new delivery, once it is stored; no more than `most_bytes` wait for
  /// that at a time, or one delivery that is larger. Throws Error(environment) if the store cannot be opened.
  Journal(const std::filesystem::path& store, std::function<void(const std::string& app)> on_stored,
          std::size_t most_bytes = k_most_bytes);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  /// Stores and answers what waits.
  ~Journal();

  /// Never waits. False, and no answer, if too much waits already.
  [[nodiscard]] bool add(StoredDelivery delivery, Answer answer);
  /// Why the last transaction failed, or nothing.
  [[nodiscard]] std::optional<std::string> fault() const;

private:
  void run();
  void store(std::vector<StoredDelivery>& deliveries, std::vector<Answer>& answers);

  Database m_database;
  Deliveries m_deliveries;
  std::function<void(const std::string&)> m_on_stored;
  std::size_t m_most_bytes;
  mutable std::mutex m_mutex; // of what follows
  std::condition_variable m_changed;
  std::vector<StoredDelivery> m_waiting;
  std::vector<Answer> m_answers; ///< of those that wait
  std::size_t m_bytes = 0;       ///< of those that wait
  std::optional<std::string> m_fault;
  bool m_is_ending = false;
  std::thread m_thread; // last: it uses the others
};

} // namespace teal::serve
