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
    values.push_back(key.binding.write());
  }
  return values;
}

template <class Settings>
void check_defaults_read_back() {
  Settings settings;
  for (const SettingKey& key : schema_of(settings)) {
    if (key.name.starts_with("colors.")) {
      continue; // has no default
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
