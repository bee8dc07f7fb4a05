#include "config_fixture.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <fstream>

using namespace teal;

namespace {

void make_app(const Home& home, const std::string& name) {
  std::filesystem::create_directories(home.app(name).root);
  std::ofstream(home.app(name).settings()) << k_ports;
}

} // namespace

TEST_CASE("a home without apps has none") {
  const TempFolder folder;
  CHECK(list_apps(Home{folder.path()}).empty());
}

TEST_CASE("apps are listed by name, and folders without settings are none") {
  const TempFolder folder;
  const Home home{folder.path()};
  make_app(home, "shop");
  make_app(home, "blog");
  std::filesystem::create_directories(home.app("half-made").root);
  std::ofstream(home.apps() / "file") << "x";
  CHECK(list_apps(home) == std::vector<std::string>{"blog", "shop"});
}

TEST_CASE("apps that cannot be listed are said with the reason") {
  const TempFolder folder;
  std::ofstream(folder.path() / "apps") << "x";
  CHECK_THROWS_WITH(list_apps(Home{folder.path()}), ContainsSubstring("cannot list the apps in '"));
}

TEST_CASE("an app that is not there is said with those that are, and how to make it") {
  const TempFolder folder;
  const Home home{folder.path()};
  const auto complaint = [&] { return complaint_of([&] { require_app(home, "shp"); }); };
  CHECK(complaint() ==
        "no app 'shp' in '" + folder.path().string() + "': there are none yet; make it with: tealhook app create shp");
  make_app(home, "shop");
  make_app(home, "blog");
  CHECK(complaint() == "no app 'shp' in '" + folder.path().string() +
                           "': there are blog, shop; make it with: tealhook app create shp");
  CHECK_NOTHROW(require_app(home, "shop"));
}

TEST_CASE("a name that cannot be an app's never becomes a path") {
  const TempFolder folder;
  const Home home{folder.path() / "home"};
  std::filesystem::create_directories(home.apps());
  make_app(Home{folder.path()}, "shop");
  for (const std::string name : {"../../apps/shop", "..", "", "a b", "Shop", "a/b"}) {
    INFO(name);
    CHECK_THROWS_WITH(require_app(home, name), ContainsSubstring("cannot be an app's name"));
  }
}

TEST_CASE("a target that is not there is refused with those that are") {
  const AppSettings app = app_with("targets: {site: {kind: command, run: [a]}, heroku: {kind: git, url: /x}}");
  CHECK_NOTHROW(require_target(app, "shop", "site"));
  CHECK(complaint_of([&] { require_target(app, "shop", "sit"); }) == "'shop' has no target 'sit'; it has heroku, site");
  CHECK(complaint_of([&] { require_target(app_with(""), "shop", "sit"); }) ==
        "'shop' has no target 'sit'; deploy to blue, green, idle or live");
}
