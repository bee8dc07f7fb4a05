#include "serve/poller.hpp"
#include "serve_fixture.hpp"

#include <mutex>

using namespace teal;

namespace {

constexpr std::chrono::seconds k_patience(20);

class PollerFixture : public ServeFixture {
protected:
  PollerFixture() {
    write("file", "1");
    m_first = commit();
    set_sources("");
  }
  void start() {
    m_poller.emplace(serve::Poller::Place{m_home, environment(), m_system_clock, m_log, [this](const std::string& app) {
                                            const std::lock_guard guard(m_mutex);
                                            m_stored.push_back(app);
                                          }});
  }
  std::size_t stored() {
    const std::lock_guard guard(m_mutex);
    return m_stored.size();
  }
  void await_stored(std::size_t count) {
    wait_until([&] { return stored() >= count; }, k_patience, "a delivery, of:\n" + logged());
  }
  void await_log(const std::string& words) {
    wait_until([&] { return logged().find(words) != std::string::npos; }, k_patience, words);
  }
  void poll_often(const std::string& more = "") const {
    set_sources(
        fmt::format("{{name: mirror, kind: poll, url: {}, branch: main, interval: 20ms{}}}", source().string(), more));
  }

  SystemClock m_system_clock;
  std::string m_first;
  std::mutex m_mutex;
  std::vector<std::string> m_stored;
  std::optional<serve::Poller> m_poller;
};

std::size_t count_of(const std::string& text, const std::string& words) {
  std::size_t count = 0;
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    ++count;
  }
  return count;
}

} // namespace

TEST_CASE("the pause grows with each failure up to a quarter of an hour, and is never shorter than the interval") {
  using namespace std::chrono_literals;
  CHECK(serve::pause_before_look(1min, 0, 0) == 1min);
  CHECK(serve::pause_before_look(1min, 0, 1) == 66s);
  CHECK(serve::pause_before_look(1min, 1, 0) == 2min);
  CHECK(serve::pause_before_look(1min, 3, 0) == 8min);
  CHECK(serve::pause_before_look(1min, 4, 0) == 15min);
  CHECK(serve::pause_before_look(1min, 1000, 0) == 15min);
  CHECK(serve::pause_before_look(24h, 1000, 0) == 24h);
}

TEST_CASE_METHOD(PollerFixture, "what is new at a source is stored, whenever it comes and whenever the source does") {
  start();
  poll_often();
  await_stored(1);
  write("file", "2");
  const std::string second = commit();
  await_stored(2);
  CHECK(m_store.deliveries.find(2).value().refs == std::vector<AskedRef>{{"refs/heads/main", second}});
  CHECK(m_stored.front() == "shop");
}

TEST_CASE_METHOD(PollerFixture, "a source that goes away is told once and once more when it is back") {
  poll_often();
  start();
  await_stored(1);
  const std::string hidden = source().string() + ".hidden";
  std::filesystem::rename(source(), hidden);
  await_log("cannot be looked at, and is asked ever more rarely");
  std::filesystem::rename(hidden, source());
  await_log("can be looked at again");
  m_poller.reset();
  CHECK(count_of(logged(), "is asked ever more rarely") == 1);
  CHECK(count_of(logged(), "can be looked at again") == 1);
}

TEST_CASE_METHOD(PollerFixture,
                 "a source of another interval is looked at now, and one that was taken out never again") {
  set_sources(fmt::format("{{name: mirror, kind: poll, url: {}, branch: main, interval: 1h}}", source().string()));
  start();
  await_stored(1);
  write("file", "2");
  commit();
  poll_often();
  await_stored(2);
  set_sources("");
  m_poller->look();
  await_log("is looked at no more");
  write("file", "3");
  commit();
  m_poller.reset();
  start();
  CHECK(stored() == 2);
}

TEST_CASE_METHOD(PollerFixture, "a branch that is not there is told once and found when it comes") {
  set_sources(fmt::format("{{name: mirror, kind: poll, url: {}, branch: next, interval: 20ms}}", source().string()));
  start();
  await_log("there is no branch 'next' yet");
  git({"branch", "next"});
  await_stored(1);
  m_poller.reset();
  CHECK(count_of(logged(), "there is no branch") == 1);
}

TEST_CASE_METHOD(PollerFixture,
                 "settings that are wrong are told once and the source is looked at when they are mended") {
  poll_often();
  start();
  await_stored(1);
  const std::string before = read_file(m_home.app("shop").settings());
  write_file(m_home.app("shop").settings(), "sources: [\n");
  await_log("cannot be looked at");
  write_file(m_home.app("shop").settings(), before);
  write("file", "2");
  commit();
  await_stored(2);
}

TEST_CASE_METHOD(PollerFixture, "a remote that hangs keeps nobody waiting at the end") {
  write_file(folder() / "ssh", "#!/bin/sh\nexec sleep 1000\n", 0755);
  Environment slow = environment();
  slow["PATH"] = folder().string() + ":" + slow["PATH"];
  set_sources("{name: mirror, kind: poll, url: 'ssh://git@host/shop.git', branch: main, interval: 20ms}");
  {
    serve::Poller poller({m_home, slow, m_system_clock, m_log, [](const std::string&) {}});
    wait_until(
        [&] {
          return run({.arguments = {"pgrep", "-f", "sleep 1000"}, .environment = slow}).succeeded();
        },
        k_patience, "the remote to be asked");
  }
  CHECK(stored() == 0);
}
