#include "serve/trigger_watch.hpp"
#include "serve_fixture.hpp"

#include <SQLiteCpp/Database.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace teal;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

class TriggerWatchFixture : public ServeFixture {
protected:
  TriggerWatchFixture() {
    fs::create_directories(drop());
    set_sources(source_of("drop", "push-shop-main", "main"));
  }

  [[nodiscard]] fs::path drop() const { return folder() / "drop"; }
  [[nodiscard]] std::string source_of(const std::string& name, const std::string& file, const std::string& branch,
                                      const std::string& more = "") const {
    return fmt::format("{{name: {}, kind: file, folder: {}, file: {}, url: {}, branch: {}{}}}", name, drop().string(),
                       file, source().string(), branch, more);
  }
  void start() { start_by(m_time); }
  void start_by(const Clock& clock) { m_watch.emplace(serve::TriggerWatch::Place{m_home, m_journal, clock, m_log}); }
  /// It watches once this returns: what comes from now on is told to it.
  void start_and_await() {
    start();
    await_opened();
  }
  void await_opened() const {
    wait_until([this] { return fs::exists(drop() / ".claimed"); }, 20s, "the folder to be opened");
  }
  void put(const std::string& name, const std::string& text = "") const {
    std::ofstream(drop() / name) << text; // closed: a close_write
  }
  void put_long_ago(const std::string& name) const {
    const fs::path made = folder() / "made"; // it may be taken as soon as it is there
    std::ofstream(made) << "";
    const timespec long_ago[2] = {{1000, 0}, {1000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, made.c_str(), long_ago, 0) == 0);
    fs::rename(made, drop() / name);
  }
  [[nodiscard]] std::int64_t stored() { return m_store.deliveries.count_waiting(); }
  void await_stored(std::int64_t count) {
    wait_until([&] { return stored() >= count && files::names_in(drop() / ".claimed").empty(); }, 20s,
               fmt::format("{} deliveries, of:\n{}", count, logged()));
    CHECK(stored() == count);
  }
  void await_log(const std::string& words) const {
    wait_until([&] { return logged().find(words) != std::string::npos; }, 20s, words + ", of:\n" + logged());
  }
  [[nodiscard]] std::size_t times_logged(const std::string& words) const {
    std::size_t found = 0;
    const std::string text = logged();
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
      ++found;
    }
    return found;
  }

  SystemClock m_time;
  serve::Journal m_journal{m_home.store(), [](const std::string&) {}};
  std::optional<serve::TriggerWatch> m_watch;
};

} // namespace

TEST_CASE_METHOD(TriggerWatchFixture, "a file that is closed, or moved there, becomes a delivery of its source") {
  start_and_await();
  put("push-shop-main", "refs/heads/main by ada\n");
  await_stored(1);
  const StoredDelivery delivery = m_store.deliveries.find(1).value();
  CHECK(delivery.app == "shop");
  CHECK(delivery.source == "drop");
  CHECK(delivery.refs == std::vector<AskedRef>{{"refs/heads/main", ""}});
  CHECK(delivery.payload == "refs/heads/main by ada");
  CHECK(delivery.sender.starts_with("file:"));
  CHECK_THAT(logged(), ContainsSubstring("a trigger file came: refs/heads/main by ada"));
  put("half.tmp");
  fs::rename(drop() / "half.tmp", drop() / "push-shop-main");
  await_stored(2);
  CHECK(files::names_in(drop()) == std::vector<std::string>{".claimed"});
}

TEST_CASE_METHOD(TriggerWatchFixture, "what was there before is found, and so is what a killed one had taken") {
  put_long_ago("push-shop-main");
  start();
  await_stored(1);
  m_watch.reset();
  put("push-shop-main");
  REQUIRE(TriggerFolder(drop()).take("push-shop-main")); // and then it was killed
  start();
  await_stored(2);
}

TEST_CASE_METHOD(TriggerWatchFixture, "what was stored before its taker was killed is not stored again") {
  put("push-shop-main");
  const auto file = TriggerFolder(drop()).take("push-shop-main").value();
  static_cast<void>(m_store.deliveries.add({{.app = "shop",
                                             .source = "drop",
                                             .sender = "file:" + file.id,
                                             .refs = {{"refs/heads/main", ""}},
                                             .headers = {},
                                             .payload = {},
                                             .at = m_clock.time,
                                             .outcome = {}}}));
  start();
  await_stored(1);
}

TEST_CASE_METHOD(TriggerWatchFixture, "by itself it takes a file only when nobody has changed it for a second") {
  std::ofstream half(drop() / "push-shop-main");
  half << "half" << std::flush;
  m_clock.time = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); // and does not go on
  start_by(m_clock);
  await_opened();
  put("push-other"); // after which the folder was looked through
  await_log("'push-other' is no source's file and stays where it is; those that are: 'push-shop-main'");
  CHECK(fs::exists(drop() / "push-shop-main"));
  CHECK(stored() == 0);
  half.close();
  await_stored(1);
}

TEST_CASE_METHOD(TriggerWatchFixture, "a name that no source has is told once and stays") {
  put_long_ago("README");
  start_and_await();
  await_log("'README' is no source's file");
  put("README", "more");
  put(".hidden");
  put("push-shop-main");
  await_stored(1);
  CHECK(times_logged("no source's file") == 1);
  CHECK(fs::exists(drop() / "README"));
}

TEST_CASE_METHOD(TriggerWatchFixture, "what is no plain file is refused, told and kept") {
  start_and_await();
  fs::create_symlink("/etc/passwd", drop() / "push.tmp");
  fs::rename(drop() / "push.tmp", drop() / "push-shop-main");
  await_log("a trigger file was refused: it is a link; it is kept as");
  CHECK(files::names_in(drop() / ".refused").size() == 1);
  put("push-shop-main", std::string((std::size_t{1} << 20U) + 1, 'x'));
  await_log("more than 1.0 MiB");
  CHECK(stored() == 0);
}

TEST_CASE_METHOD(TriggerWatchFixture, "sources share a folder, and a file may ask for several") {
  set_sources(source_of("drop", "push-shop-main", "main") + ", " + source_of("next", "push-shop-next", "next") + ", " +
              source_of("too", "push-shop-main", "main"));
  start_and_await();
  put("push-shop-next");
  await_stored(1);
  CHECK(m_store.deliveries.find(1).value().refs.front().ref == "refs/heads/next");
  put("push-shop-main");
  await_stored(3);
}

TEST_CASE_METHOD(TriggerWatchFixture, "settings are taken up as they change, and wrong ones change nothing") {
  start_and_await();
  put("push-shop-next");
  await_log("'push-shop-next' is no source's file");
  set_sources(source_of("next", "push-shop-next", "next"));
  await_log("a trigger file came"); // what was there by then
  await_stored(1);
  write_file(m_home.app("shop").settings(), "sources: [\n");
  await_log("its trigger files are taken as before");
  put("push-shop-next");
  await_stored(2);
  fs::create_directories(m_home.app("blog").root);
  const std::string more = source_of("drop", "push-blog-main", "main");
  write_file(m_home.app("blog").settings(),
             fmt::format("colors: {{blue: {{port: 50103}}, green: {{port: 50102}}}}\nsources: [{}]\n", more));
  put_long_ago("push-blog-main");
  await_stored(3);
}

TEST_CASE_METHOD(TriggerWatchFixture, "a folder that cannot be used is told once and used once it can be") {
  REQUIRE(::chmod(drop().c_str(), 0777) == 0);
  put_long_ago("push-shop-main");
  start();
  await_log("no trigger files are taken: '" + drop().string() + "' can be changed by everybody");
  CHECK(stored() == 0);
  REQUIRE(::chmod(drop().c_str(), 0755) == 0);
  await_stored(1);
  CHECK(times_logged("no trigger files are taken") == 1);
}

TEST_CASE_METHOD(TriggerWatchFixture, "a folder that was moved away is looked for anew") {
  start_and_await();
  fs::rename(drop(), folder() / "away");
  fs::create_directories(drop());
  put_long_ago("push-shop-main");
  await_stored(1);
}

TEST_CASE_METHOD(TriggerWatchFixture, "what cannot be stored now waits, and is stored by the next one") {
  m_store.database.handle().exec(
      "CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'no'); END");
  start_and_await();
  put("push-shop-main");
  await_log("a trigger file waits");
  m_watch.reset();
  CHECK(files::names_in(drop() / ".claimed").size() == 1);
  m_store.database.handle().exec("DROP TRIGGER full");
  start();
  await_stored(1);
}

TEST_CASE_METHOD(TriggerWatchFixture, "who may not trigger anything is refused unless the source names them") {
  if (::geteuid() != 0) {
    SKIP_TEST("takes root, to give a file away");
  }
  const auto put_as_stranger = [this] {
    put("push.tmp");
    REQUIRE(::chown((drop() / "push.tmp").c_str(), 12345, 12345) == 0);
    fs::rename(drop() / "push.tmp", drop() / "push-shop-main");
  };
  start_and_await();
  put_as_stranger();
  await_log("it belongs to uid 12345, who may not trigger anything here");
  set_sources(source_of("drop", "push-shop-main", "main", ", owner: 12345"));
  m_watch.reset();
  start();
  put_as_stranger();
  await_stored(1);
}
