#include "serve/journal.hpp"
#include "serve_fixture.hpp"

#include <SQLiteCpp/Database.h>

#include <atomic>
#include <thread>

using namespace teal;

namespace {

class JournalFixture : public ServeFixture {
protected:
  static StoredDelivery delivery_of(const std::string& sender, std::string payload = "{}") {
    return {.app = "shop",
            .source = "hub",
            .sender = sender,
            .refs = {},
            .headers = {},
            .payload = std::move(payload),
            .at = TimePoint(),
            .outcome = {}};
  }
  /// Adds one, whose id or failure is noted.
  [[nodiscard]] bool add(serve::Journal& journal, StoredDelivery delivery) {
    return journal.add(std::move(delivery), [this](const serve::Journal::Result& result) {
      std::holds_alternative<Error>(result) ? ++m_failed : ++m_stored;
    });
  }
  void on_stored(const std::string& app) {
    const std::lock_guard guard(m_mutex);
    m_apps.push_back(app);
  }

  std::mutex m_mutex;
  std::vector<std::string> m_apps;
  std::atomic<int> m_stored = 0;
  std::atomic<int> m_failed = 0;
};

} // namespace

TEST_CASE_METHOD(JournalFixture, "each of many deliveries from many threads is answered once it is stored") {
  constexpr int k_threads = 4;
  constexpr int k_each = 250;
  {
    serve::Journal journal(m_home.store(), [this](const std::string& app) { on_stored(app); });
    std::vector<std::jthread> senders;
    for (int sender = 0; sender < k_threads; ++sender) {
      senders.emplace_back([&, sender] {
        for (int i = 0; i < k_each; ++i) {
          static_cast<void>(add(journal, delivery_of(fmt::format("{}-{}", sender, i))));
        }
      });
    }
  }
  CHECK(m_stored == k_threads * k_each);
  CHECK(m_store.deliveries.count_waiting() == k_threads * k_each);
  CHECK_FALSE(m_apps.empty());
}

TEST_CASE_METHOD(JournalFixture, "an answer comes after its delivery can be found") {
  serve::Journal journal(m_home.store(), [this](const std::string& app) { on_stored(app); });
  std::atomic<bool> was_there = false;
  std::atomic<bool> is_answered = false;
  REQUIRE(journal.add(delivery_of("a"), [&](const serve::Journal::Result& result) {
    Database other(m_home.store());
    was_there = Deliveries(other).find(std::get<Deliveries::Taken>(result).id).has_value();
    is_answered = true;
  }));
  wait_until([&] { return is_answered.load(); }, std::chrono::seconds(10), "the answer");
  CHECK(was_there);
}

TEST_CASE_METHOD(JournalFixture, "what cannot be stored is answered with why and the next one is tried") {
  m_store.database.handle().exec("CREATE TRIGGER full BEFORE INSERT ON deliveries WHEN NEW.sender = 'bad' "
                                 "BEGIN SELECT RAISE(ABORT, 'no room'); END");
  serve::Journal journal(m_home.store(), [this](const std::string& app) { on_stored(app); });
  REQUIRE(add(journal, delivery_of("bad")));
  wait_until([this] { return m_failed == 1; }, std::chrono::seconds(10), "the answer");
  CHECK_THAT(journal.fault().value(), ContainsSubstring("no room"));
  REQUIRE(add(journal, delivery_of("good")));
  wait_until([this] { return m_stored == 1; }, std::chrono::seconds(10), "the answer");
  CHECK_FALSE(journal.fault());
}

TEST_CASE_METHOD(JournalFixture, "more than the memory is for is not taken while another transaction is written") {
  serve::Journal journal(
      m_home.store(), [this](const std::string& app) { on_stored(app); }, 16 << 10U);
  const SQLite::Database& held = m_store.database.handle();
  const_cast<SQLite::Database&>(held).exec("BEGIN IMMEDIATE");
  REQUIRE(add(journal, delivery_of("first"))); // under way, and waiting for the file
  const std::string large(6 << 10U, 'x');
  int taken = 0;
  for (int i = 0; i < 10; ++i) {
    taken += add(journal, delivery_of(fmt::format("{}", i), large)) ? 1 : 0;
  }
  CHECK(taken >= 2);
  CHECK(taken <= 4);
  const_cast<SQLite::Database&>(held).exec("COMMIT");
}
