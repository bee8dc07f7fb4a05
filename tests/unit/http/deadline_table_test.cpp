#include "http/deadline_table.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace std::chrono_literals;
using http::DeadlineTable;
using http::Phase;

namespace {

class Guest : public http::Tenant {
public:
  explicit Guest(DeadlineTable& table) : m_table(table) {}
  void expire() override {
    ++expired;
    m_table.remove(*this);
  }
  int expired = 0;

private:
  DeadlineTable& m_table;
};

DeadlineTable::Times times(Milliseconds idle, Milliseconds head) {
  DeadlineTable::Times times;
  times[static_cast<std::size_t>(Phase::idle)] = idle;
  times[static_cast<std::size_t>(Phase::head)] = head;
  return times;
}

} // namespace

TEST_CASE("whose time is over is told and others stay") {
  boost::asio::io_context io;
  DeadlineTable table(io, times(20ms, 1h));
  const auto idle = std::make_shared<Guest>(table);
  const auto busy = std::make_shared<Guest>(table);
  const auto endless = std::make_shared<Guest>(table);
  table.add(idle, Phase::idle);
  table.add(busy, Phase::idle);
  table.add(endless, Phase::idle);
  table.enter(*busy, Phase::head);
  table.enter(*endless, Phase::handling);
  CHECK(table.oldest(Phase::idle) == idle);
  while (idle->expired == 0) {
    REQUIRE(io.run_one() == 1);
  }
  CHECK(busy->expired + endless->expired == 0);
  CHECK(table.size() == 2);
  CHECK(table.size(Phase::head) == 1);
  CHECK(table.oldest(Phase::idle) == nullptr);
  CHECK(table.all(Phase::handling).front() == endless);
}

TEST_CASE("the time begins anew with each entrance and a shorter one is due first") {
  boost::asio::io_context io;
  DeadlineTable table(io, times(1h, 20ms));
  const auto one = std::make_shared<Guest>(table);
  const auto two = std::make_shared<Guest>(table);
  table.add(one, Phase::head);
  table.add(two, Phase::head);
  table.enter(*one, Phase::head);
  CHECK(table.oldest(Phase::head) == two);
  table.enter(*two, Phase::idle);
  while (one->expired == 0) {
    REQUIRE(io.run_one() == 1);
  }
  CHECK(two->expired == 0);
}

TEST_CASE("an empty table lets nothing run") {
  boost::asio::io_context io;
  DeadlineTable table(io, times(1h, 1h));
  const auto guest = std::make_shared<Guest>(table);
  table.add(guest, Phase::idle);
  table.remove(*guest);
  io.run(); // returns, since nothing is waited for
  CHECK(guest->expired == 0);
}
