#include "serve/lanes.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"

#include <atomic>
#include <map>

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("an app is worked for by one thread at a time and once more for what came meanwhile") {
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  std::atomic<int> calls = 0;
  std::atomic<bool> may_go = false;
  serve::Lanes lanes(4, [&](const std::string& /*app*/, const std::stop_token& /*end*/) -> std::optional<Milliseconds> {
    most = std::max(most.load(), ++at_once);
    while (!may_go) {
      std::this_thread::sleep_for(1ms);
    }
    --at_once;
    ++calls;
    return std::nullopt;
  });
  lanes.notice("shop");
  wait_until([&] { return at_once == 1; }, 10s, "the work's begin");
  lanes.notice("shop");
  lanes.notice("shop");
  may_go = true;
  wait_until([&] { return calls == 2; }, 10s, "the second round");
  CHECK(most == 1);
}

TEST_CASE("another app does not wait for one that takes long") {
  std::atomic<bool> may_go = false;
  std::atomic<int> others = 0;
  serve::Lanes lanes(2, [&](const std::string& app, const std::stop_token& end) -> std::optional<Milliseconds> {
    while (app == "slow" && !may_go && !end.stop_requested()) {
      std::this_thread::sleep_for(1ms);
    }
    others += app == "slow" ? 0 : 1;
    return std::nullopt;
  });
  lanes.notice("slow");
  for (int i = 1; i <= 3; ++i) {
    lanes.notice("quick");
    wait_until([&] { return others == i; }, 10s, "the other app");
  }
  may_go = true;
}

TEST_CASE("what is to be tried again is called by itself and a notice does not wait for that") {
  std::atomic<int> calls = 0;
  std::atomic<int> other = 0;
  serve::Lanes lanes(1, [&](const std::string& app, const std::stop_token& /*end*/) -> std::optional<Milliseconds> {
    if (app == "other") {
      ++other;
      return std::nullopt;
    }
    ++calls;
    return calls == 1   ? std::optional(Milliseconds(20))
           : calls == 2 ? std::optional(Milliseconds(3'600'000))
                        : std::nullopt;
  });
  lanes.notice("shop");
  wait_until([&] { return calls == 2; }, 10s, "the second try");
  lanes.notice("other"); // while the thread waits for an hour
  wait_until([&] { return other == 1; }, 10s, "the other app");
  lanes.notice("shop");
  wait_until([&] { return calls == 3; }, 10s, "the third try");
}
