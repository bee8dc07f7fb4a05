#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "upkeep/variables.hpp"

using namespace teal;

namespace {

constexpr const char* k_settings = "colors: {blue: {port: 50101}, green: {port: 50100}}\n"
                                   "run:\n  env_file: more\n  env:\n    OWN: own # a word\n    BOTH: settings\n";

class AppWithVariables {
protected:
  AppWithVariables() {
    write_file(m_folder.settings(), k_settings);
    write_file(m_folder.root / "more", "FILE=file\nOWN=file\n");
  }

  [[nodiscard]] std::map<std::string, std::string> values(const std::optional<SettingsText>& pushed = {}) const {
    std::map<std::string, std::string> found;
    for (const Variable& variable : variables_of(m_home, "shop", pushed)) {
      found.emplace(variable.name, variable.value);
    }
    return found;
  }
  [[nodiscard]] VariableChange change(const VariableWishes& wishes) const { return {m_home, "shop", wishes}; }

  TempFolder m_temp;
  Home m_home{m_temp.path()};
  AppFolder m_folder = [this] {
    std::filesystem::create_directories(m_home.app("shop").root);
    return m_home.app("shop");
  }();
};

} // namespace

TEST_CASE_METHOD(AppWithVariables, "what is set wins over all that is given elsewhere and nobody else can read it") {
  CHECK(values() == std::map<std::string, std::string>{{"BOTH", "settings"}, {"FILE", "file"}, {"OWN", "own"}});
  CHECK(change({{"BOTH", "set\n\"$x\"\r`"}, {"NEW", ""}}).changes_anything());
  CHECK(values().at("BOTH") == "set\n\"$x\"\r`");
  CHECK(values().at("NEW").empty());
  CHECK(files::permissions_of(m_folder.env()) == std::filesystem::perms(0600));
  CHECK(read_file(m_folder.settings()) == k_settings);
  CHECK_FALSE(change({{"NEW", ""}}).changes_anything());
}

TEST_CASE_METHOD(AppWithVariables, "what is unset goes from the settings as well and leaves their comments") {
  static_cast<void>(change({{"OWN", "set"}}));
  CHECK(change({{"OWN", std::nullopt}, {"NEVER", std::nullopt}}).changes_anything());
  CHECK(values().at("OWN") == "file"); // which is somebody else's
  const std::string settings = read_file(m_folder.settings());
  CHECK_THAT(settings, !ContainsSubstring("OWN") && ContainsSubstring("BOTH: settings"));
}

TEST_CASE_METHOD(AppWithVariables, "a change is put back unless somebody made another one since") {
  VariableChange first = change({{"OWN", std::nullopt}, {"A", "1"}});
  CHECK(first.put_back());
  CHECK(read_file(m_folder.settings()) == k_settings);
  CHECK_FALSE(values().contains("A"));
  VariableChange second = change({{"A", "1"}});
  static_cast<void>(change({{"B", "2"}}));
  CHECK_FALSE(second.put_back());
  CHECK(values().at("A") == "1");
}

TEST_CASE_METHOD(AppWithVariables, "a name that no variable can have is refused and nothing is changed") {
  for (const char* name : {"", "1A", "A B", "A-B", "A\x1b"}) {
    INFO(name);
    CHECK_THROWS_AS(change({{"GOOD", "1"}, {name, "2"}}), Error);
  }
  CHECK_THROWS_AS(change({{"A", std::string("a\0b", 3)}}), Error);
  CHECK_FALSE(files::exists(m_folder.env()));
}

TEST_CASE_METHOD(AppWithVariables, "what was pushed is told with where it stands") {
  const SettingsText pushed{"1a2b3c4:.tealhook.yml", "run: {env: {PUSHED: p, OWN: p}}\n"};
  CHECK(values(pushed).at("PUSHED") == "p");
  CHECK(values(pushed).at("OWN") == "own");
  for (const Variable& variable : variables_of(m_home, "shop", pushed)) {
    CHECK((variable.name == "PUSHED") == (variable.origin == "1a2b3c4:.tealhook.yml"));
  }
}
