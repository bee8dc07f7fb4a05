/// @file
/// StoreFixture: a store in a temporary folder, with a clock that the test sets.
#pragma once

#include "store/history.hpp"
#include "store/queue.hpp"
#include "support/temp_folder.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace teal {

class SetClock final : public Clock {
public:
  [[nodiscard]] TimePoint now() const override { return time; }
  TimePoint time{Milliseconds(1'700'000'000'000)};
};

inline Event event_of(const std::string& app, const std::string& subject = "Fix login") {
  return {.id = 0,
          .app = app,
          .trigger = Trigger::push,
          .repository = "/srv/tealhook/apps/" + app + "/blue.git",
          .ref = "refs/heads/main",
          .old_commit = std::string(40, 'a'),
          .new_commit = std::string(40, 'b'),
          .subject = subject,
          .who = "ann",
          .at = TimePoint(Milliseconds(1'699'999'999'123))};
}

inline Release release_of(const std::string& app, char digit) {
  return {.id = 0,
          .app = app,
          .commit = std::string(40, digit),
          .subject = "Fix login",
          .identity = "sha256:" + std::string(64, digit),
          .created = TimePoint(Milliseconds(1'700'000'000'000))};
}

class StoreFixture {
protected:
  TempFolder m_folder;
  std::filesystem::path m_file = m_folder.path() / "state.db";
  SetClock m_clock;
  Database m_database{m_file};
  Queue m_queue{m_database, m_clock};
  History m_history{m_database};

  /// A deployment that ended with `status`; returns its id.
  std::int64_t deploy(const std::string& app, Color color, Status status) {
    const std::int64_t id = m_queue.enqueue(event_of(app), color).deployment.id;
    if (!m_queue.begin(id, color)) {
      throw std::runtime_error("a deployment just queued did not begin");
    }
    m_queue.finish(id, status, {});
    return id;
  }

  Status status_of(std::int64_t id) { return m_history.deployment(id).value().status; }
};

} // namespace teal
