#include "serve/settings_watch.hpp"
#include "serve_fixture.hpp"

#include <map>
#include <mutex>

using namespace teal;

namespace {

class SettingsWatchFixture : public ServeFixture {
protected:
  int times(const std::string& app) {
    const std::lock_guard guard(m_mutex);
    return m_times[app];
  }
  void await_times(const std::string& app, int count) {
    wait_until([&] { return times(app) >= count; }, std::chrono::seconds(20), app + " to be told");
  }

  std::mutex m_mutex;
  std::map<std::string, int> m_times;
  serve::SettingsWatch m_watch{m_home, m_log, [this](const std::string& app) {
                                 const std::lock_guard guard(m_mutex);
                                 ++m_times[app];
                               }};
};

} // namespace

TEST_CASE_METHOD(SettingsWatchFixture,
                 "an app is told at first, when its settings are written, and when that is asked for") {
  await_times("shop", 1);
  set_sources("");
  await_times("shop", 2);
  m_watch.look();
  await_times("shop", 3);
}

TEST_CASE_METHOD(SettingsWatchFixture, "an app that comes later is told, and so is each change of it") {
  await_times("shop", 1);
  files::create_directories(m_home.app("blog").root);
  write_file(m_home.app("blog").settings(), "");
  await_times("blog", 1);
  m_watch.look();
  await_times("shop", 2);
  const int before = times("blog");
  write_file(m_home.app("blog").settings(), "branches: [main]\n");
  await_times("blog", before + 1);
}

TEST_CASE_METHOD(SettingsWatchFixture, "what else is written in an app's folder is no matter") {
  await_times("shop", 1);
  write_file(m_home.app("shop").root / "hub.secret", "another\n");
  set_sources("");
  await_times("shop", 2);
  CHECK(times("shop") == 2);
}
