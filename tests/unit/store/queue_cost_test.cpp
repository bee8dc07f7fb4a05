// What a push asks the store costs the same whatever is stored: counted in SQLite's own instructions, not in time.
#include "store/old_events.hpp"
#include "store/store.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <functional>
#include <map>
#include <string>

using namespace teal;

namespace {

constexpr int k_stored = 20'000; ///< deployments, of the very app and of another

class CostFixture : public StoreFixture {
protected:
  /// All of an app's that a release is not kept of, the way a forge's deliveries make them.
  void fill() {
    m_store.database.handle().exec(fmt::format(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
        "INSERT INTO events (app, door, repository, ref, old_commit, new_commit, subject, who, at) "
        "SELECT CASE i % 2 WHEN 0 THEN 'shop' ELSE 'blog' END, 'webhook', '/r', 'refs/heads/main', '', 'c', 's', "
        "'source:hub', i FROM n; "
        "INSERT INTO deployments (event_id, app, destination, color, status, created) SELECT id, app, 'blue', 'blue', "
        "CASE id % 3 WHEN 0 THEN 'ready' WHEN 1 THEN 'failed' ELSE 'superseded' END, at FROM events; "
        "INSERT INTO deliveries (app, source, sender, refs, at, status) SELECT app, 'hub', id, '', at, 'done' FROM "
        "events",
        2 * k_stored));
  }

  /// How many of SQLite's instructions, in steps of ten, each of these takes.
  std::map<std::string, int> costs() {
    std::map<std::string, int> found;
    const auto count = [&](const std::string& what, const std::function<void()>& work) {
      int steps = 0;
      ::sqlite3_progress_handler(
          m_store.database.handle().getHandle(), 10, [](void* counted) { return (++*static_cast<int*>(counted), 0); },
          &steps);
      work();
      ::sqlite3_progress_handler(m_store.database.handle().getHandle(), 0, nullptr, nullptr);
      found[what] = steps;
    };
    Queue& queue = m_store.queue;
    const History& history = m_store.history;
    Deployment made;
    const Queue::Quiet quiet{.pause = Milliseconds(5), .longest = Milliseconds(5)};
    count("enqueue",
          [&] { made = queue.enqueue({.event = event_of("shop"), .destination = Color::green}, quiet).deployment; });
    count("enqueue another", [&] { made = queue.enqueue(event_of("shop"), Color::green).deployment; });
    count("find_pause", [&] { static_cast<void>(queue.find_pause("shop")); });
    count("unfinished", [&] { static_cast<void>(queue.unfinished("shop")); });
    count("next", [&] { CHECK(queue.next("shop")); });
    count("until_next", [&] { static_cast<void>(queue.until_next("shop")); });
    count("apps_with_work", [&] { static_cast<void>(queue.apps_with_work()); });
    count("pending", [&] { static_cast<void>(queue.pending()); });
    count("is_superseded", [&] { static_cast<void>(queue.is_superseded(made)); });
    count("begin", [&] { CHECK(queue.begin(made.id, Color::green)); });
    count("current", [&] { static_cast<void>(history.current("shop", Color::green)); });
    count("begin_step", [&] { queue.begin_step(made.id, StepName::build); });
    count("end_step", [&] { queue.end_step(made.id, StepName::build, StepStatus::done, {}, ""); });
    count("add_release", [&] { static_cast<void>(queue.add_release(made.id, release_of("shop", 'a'))); });
    count("fail_for_now", [&] { CHECK(queue.fail_for_now(made.id, {}, Milliseconds(1))); });
    count("nothing is next", [&] { static_cast<void>(queue.next("shop")); });
    count("followed", [&] { static_cast<void>(history.deployment(made.id)); });
    count("retry_of", [&] { static_cast<void>(history.retry_of(made)); });
    count("asked by", [&] { static_cast<void>(history.last_asked_by("shop", "source:hub", "refs/heads/main")); });
    count("releases", [&] { static_cast<void>(history.releases("shop")); });
    count("due", [&] { static_cast<void>(m_store.deliveries.due("shop", m_clock.time, 100)); });
    count("next_due", [&] { static_cast<void>(m_store.deliveries.next_due("shop", m_clock.time)); });
    count("forget", [&] { static_cast<void>(forget_old_deployments(m_store.database, "shop", TimePoint())); });
    return found;
  }

  Store m_store{m_file, m_clock};
};

} // namespace

TEST_CASE_METHOD(CostFixture,
                 "a push asks the store for no more where 20000 events of its app are stored than where none is") {
  const auto without = costs();
  m_history.forget_app("shop");
  fill();
  constexpr int k_constant = 60; // of a page more of a tree, and rows that are found now: no row each
  for (const auto& [what, cost] : costs()) {
    INFO(what);
    const int allowed = without.at(what) + without.at(what) / 5 + k_constant;
    CHECK(cost <= allowed);
  }
}
