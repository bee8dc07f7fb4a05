#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "unit/store/store_fixture.hpp"
#include "upkeep/settings_change.hpp"

using namespace teal;

namespace {

constexpr const char* k_ports = "colors: {blue: {port: 50101}, green: {port: 50100}}\n";

/// An app whose newest release ran with `settings`.
class ReleasedApp : public StoreFixture {
protected:
  void release(const std::string& settings) {
    const auto id = m_store.queue.enqueue(event_of("shop"), Color::blue).deployment.id;
    REQUIRE(m_store.queue.begin(id, Color::blue));
    const auto release = m_store.queue.add_release(id, release_of("shop", 'a'));
    m_store.queue.keep_settings(release, {.settings = settings, .pushed = {}, .env = {}});
  }
  std::vector<Action> actions() const { return m_store.actions.list("shop", 10); }

  Store m_store{m_file, m_clock};
};

} // namespace

TEST_CASE_METHOD(ReleasedApp, "settings that changed since the newest release are in the history by their keys") {
  release(k_ports);
  note_changed_settings(m_store, "shop", std::string(k_ports) + "health: {path: /up}\ndeploy: {drain: 3s}\n");
  REQUIRE(actions().size() == 1);
  CHECK(actions()[0].verb == "settings");
  CHECK(actions()[0].who.empty());
  CHECK_THAT(actions()[0].text,
             ContainsSubstring("health.path") && ContainsSubstring("deploy.drain") && !ContainsSubstring("blue"));
}

TEST_CASE_METHOD(ReleasedApp, "the same values in other words are no change and neither is a first deployment") {
  note_changed_settings(m_store, "shop", k_ports);
  release(k_ports);
  note_changed_settings(m_store, "shop", k_ports);
  note_changed_settings(m_store, "shop", std::string("# a word\n") + k_ports + "health: {path: /}\n");
  CHECK(actions().empty());
}

TEST_CASE_METHOD(ReleasedApp, "settings are changed whole or not at all, in somebody's name") {
  const Home home{m_folder.path()};
  const auto file = home.app("shop").settings();
  files::create_directories(home.app("shop").root);
  write_file(file, k_ports, 0600);
  const Principal by{
      .kind = Principal::Kind::api_token, .name = "ci", .grants = {}, .origin = {Trigger::api, "192.0.2.1"}};
  const auto change = [&](const std::function<std::optional<std::string>(const SettingsText&)>& edit) {
    return change_settings(home, m_store, {.app = "shop", .edit = edit, .by = by});
  };
  CHECK(change([](const SettingsText& now) { return now.text + "gate: true\n"; }) ==
        std::string(k_ports) + "gate: true\n");
  CHECK(files::permissions_of(file) == std::filesystem::perms(0600));
  CHECK_FALSE(change([](const SettingsText& /*now*/) { return std::nullopt; }));
  try {
    static_cast<void>(change([](const SettingsText& now) { return now.text + "gait: true\n"; }));
    FAIL("an unknown key was written");
  } catch (const Error& error) {
    CHECK(error.message().starts_with("app.yml:3: "));
  }
  CHECK(read_file(file) == std::string(k_ports) + "gate: true\n");
  REQUIRE(actions().size() == 1);
  CHECK(actions()[0].text == "app.yml: gate");
  CHECK(actions()[0].who == "token:ci");
  CHECK(actions()[0].origin.from == "192.0.2.1");
}
