#include "process/detached.hpp"
#include "process/file_lock.hpp"
#include "serve/keeper.hpp"
#include "serve_fixture.hpp"

using namespace teal;
using namespace std::chrono_literals;

namespace {

class KeeperFixture : public ServeFixture {
protected:
  void await_call(const std::string& what, std::size_t times = 1) const {
    wait_until([&] { return count(what) >= times; }, 20s, what + ", of:\n" + called());
  }
  [[nodiscard]] std::size_t count(const std::string& what) const {
    std::size_t found = 0;
    const std::string text = called();
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
      ++found;
    }
    return found;
  }
  [[nodiscard]] std::filesystem::path pid_file() const { return m_home.registry() / "registry.pid"; }
  /// A program of the registry's name, to be found and watched.
  [[nodiscard]] ProcessId start_registry() const {
    files::create_directories(m_home.registry());
    const auto program = folder() / "docker-registry";
    std::filesystem::copy_file("/bin/sleep", program);
    const ProcessId process = start_detached({.arguments = {program.string(), "1000"}, .environment = environment()});
    write_file(pid_file(), fmt::format(R"({{"pid":{},"start_ticks":{}}})", process.pid, process.start_ticks));
    return process;
  }
  serve::Keeper::Place place() { return {m_home, environment(), m_installation, m_log, m_metrics}; }

  serve::Metrics m_metrics{m_home.store()};
};

} // namespace

TEST_CASE_METHOD(KeeperFixture,
                 "it begins with a recovery and starts runners for what waits, as long as none is at work") {
  m_store.queue.enqueue(event_of("shop"), Color::blue);
  auto held = FileLock::try_acquire(m_home.app("shop").lock());
  const serve::Keeper keeper(place());
  await_call("recover");
  CHECK(count("runner shop") == 0);
  held.reset(); // as if the runner were killed: its work is there
  await_call("runner shop");
}

TEST_CASE_METHOD(KeeperFixture, "a registry that ended is started again, one that was taken down is not") {
  const ProcessId process = start_registry();
  const serve::Keeper keeper(place());
  await_call("recover");
  CHECK(count("registry up") == 0);
  REQUIRE(end_process(process, 5s));
  await_call("registry up");
  wait_until([&] { return logged().find("the registry has ended") != std::string::npos; }, 10s, "the log");
  CHECK_THAT(m_metrics.text({}), ContainsSubstring("tealhook_restarts_total{what=\"registry\"} 1\n"));
}

TEST_CASE_METHOD(KeeperFixture,
                 "a registry that is taken down is no crash, though it ends before that is on the disk") {
  const ProcessId process = start_registry();
  serve::Keeper keeper(place());
  await_call("recover");
  m_store.queue.enqueue(event_of("shop"), Color::blue);
  keeper.look();
  await_call("runner shop"); // so it has seen the registry run
  REQUIRE(end_process(process, 5s));
  std::filesystem::remove(pid_file());
  await_call("runner shop", count("runner shop") + 2); // it goes on looking, as none takes the app's lock
  CHECK_THAT(logged(), !ContainsSubstring("the registry has ended"));
  CHECK(count("registry up") == 0);
  CHECK_THAT(m_metrics.text({}), ContainsSubstring("tealhook_restarts_total{what=\"registry\"} 0\n"));
}

TEST_CASE_METHOD(KeeperFixture, "what cannot be watched is told, and looked after as far as that goes") {
  write_file(m_home.registry(), "no folder\n");
  const serve::Keeper keeper(place());
  await_call("recover");
  const std::string words = "cannot watch '" + m_home.registry().string() + "'";
  wait_until([&] { return logged().find(words) != std::string::npos; }, 20s, words);
  CHECK(count("recover") == 1);
}

TEST_CASE_METHOD(KeeperFixture, "an app whose runner waits for what is due needs none until that one is gone") {
  m_store.queue.enqueue({.event = event_of("shop"), .destination = Color::blue}, {.pause = 1h, .longest = 1h});
  auto waits = FileLock::try_acquire(m_home.app("shop").waiting_lock());
  const serve::Keeper keeper(place());
  await_call("recover");
  CHECK(count("runner shop") == 0);
  waits.reset(); // as if it were killed
  await_call("runner shop");
}

TEST_CASE_METHOD(KeeperFixture, "what a pause keeps waiting needs no runner") {
  m_store.queue.enqueue(event_of("shop"), Color::blue);
  m_store.queue.pause({.app = "shop", .who = "anna", .at = {}});
  files::create_directories(m_home.app("blog").root);
  serve::Keeper keeper(place());
  await_call("recover");
  m_store.queue.enqueue(event_of("blog"), Color::blue);
  keeper.look();
  await_call("runner blog");
  CHECK(count("runner shop") == 0);
}
