#include "core/error.hpp"
#include "git/hook.hpp"
#include "report/app.hpp"
#include "report_home.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE_METHOD(ReportHome, "an app has its ports, where to push to and the repositories of one's own") {
  make_app("shop", k_some_ports);
  const auto own = m_folder.path() / "own.git";
  auto repository = git::Repository::create_bare(own, "main");
  git::install_hooks(repository, {.home = m_home.root, .app = "shop", .destination = Destination::live()},
                     m_folder.path() / "tealhook");
  m_store.repositories.add(own, "shop");
  m_store.repositories.add(m_folder.path() / "gone.git", "shop");

  const auto shown = to_json(report_on_app(m_home, m_store, "shop"));
  CHECK(shown.at("name") == "shop");
  CHECK(shown.at("colors").at("blue").at("port") == 50101);
  CHECK(shown.at("colors").at("green").at("repository").as_string() ==
        m_home.app("shop").repository(Color::green).string());
  CHECK(std::string(shown.at("live").at("remote").as_string()).ends_with("/apps/shop/live.git"));
  CHECK(shown.at("live").at("port").is_null());
  const auto& repositories = shown.at("repositories").as_array();
  REQUIRE(repositories.size() == 2);
  CHECK(repositories[0].at("color").is_null());
  CHECK_THAT(std::string(repositories[0].at("fault").as_string()), ContainsSubstring("is gone"));
  CHECK(repositories[1].at("color") == "live");
  CHECK(repositories[1].at("fault").is_null());
}

TEST_CASE_METHOD(ReportHome, "an app whose settings are wrong is told by an error") {
  make_app("shop", "colours: {}\n");
  CHECK_THROWS_AS(report_on_app(m_home, m_store, "shop"), Error);
}
