#include "config/schema.hpp"
#include "config/yaml.hpp"
#include "core/text.hpp"
#include "support/catch.hpp"

#include <set>

using namespace teal;

namespace {

template <class Settings>
std::vector<std::string> written(Settings& settings) {
  std::vector<std::string> values;
  for (const SettingKey& key : schema_of(settings)) {
    if (!key.groups) {
      values.push_back(key.binding.write());
    }
  }
  return values;
}

template <class Settings>
void check_defaults_read_back() {
  Settings settings;
  for (const SettingKey& key : schema_of(settings)) {
    if (key.name.starts_with("colors.") || key.groups) {
      continue; // the ports have no default; of groups there are none
    }
    INFO(key.name);
    const YamlNode node = parse_yaml({"file", "key: " + key.binding.write()});
    CHECK_NOTHROW(key.binding.read(node.children.at(0)));
  }
  Settings defaults;
  CHECK(written(settings) == written(defaults));
}

template <class Settings>
void check_names_and_docs() {
  Settings settings;
  std::set<std::string_view> names;
  for (const SettingKey& key : schema_of(settings)) {
    INFO(key.name);
    CHECK(names.insert(key.name).second);
    CHECK_FALSE(key.doc.empty());
    CHECK(key.doc == printable(key.doc));
  }
}

} // namespace

TEST_CASE("every key has a name of its own and a doc of one line") {
  check_names_and_docs<AppSettings>();
  check_names_and_docs<ServerSettings>();
}

TEST_CASE("every default is a value that its key allows") {
  check_defaults_read_back<AppSettings>();
  check_defaults_read_back<ServerSettings>();
}

TEST_CASE("whoever can push sets the build, the probe and the environment, and nothing else") {
  AppSettings settings;
  for (const SettingKey& key : schema_of(settings)) {
    INFO(key.name);
    const bool harmless = key.name.starts_with("build.") || key.name.starts_with("health.") || key.name == "run.env";
    CHECK((key.trust == SettingKey::Trust::pushed) == harmless);
  }
}

TEST_CASE("groups are made anew and told in their places") {
  AppSettings settings;
  const Groups list = as::group_list(settings.rules);
  list.make({"", ""});
  settings.rules[1].deploy = "live";
  const auto rules = list.all();
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].place == "[1]");
  CHECK(rules[1].place == "[2]");
  CHECK(rules[1].keys.back().binding.write() == "live");
  list.make({""});
  CHECK(settings.rules.size() == 1);
  CHECK(settings.rules[0].deploy.empty());

  const Groups map = as::group_map(settings.targets, rule::k_target_name);
  map.make({"b", "a"});
  const auto targets = map.all();
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].place == ".a");
  CHECK(kind_of(targets[0].keys) == "command");
  CHECK(kind_of(rules[0].keys).empty());
  map.make({});
  CHECK(settings.targets.empty());
}
