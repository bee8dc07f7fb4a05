#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "upkeep/port_index.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

using Ports = std::map<std::string, std::vector<std::uint16_t>>;

class PortIndexTest {
protected:
  void make_app(const std::string& app, int first, const std::string& more = "") const {
    files::create_directories(m_home.app(app).root);
    write_file(m_home.app(app).settings(),
               fmt::format("colors: {{blue: {{port: {}}}, green: {{port: {}}}}}\n{}", first, first + 1, more));
  }

  TempFolder m_folder;
  Home m_home{m_folder.path()};
};

} // namespace

TEST_CASE_METHOD(PortIndexTest, "the ports of all apps are those of their settings, whatever was read of them before") {
  files::create_directories(m_home.cache());
  make_app("blog", 50100);
  make_app("shop", 50200, "route: {port: 50300}\n");
  const Ports first{{"blog", {50100, 50101}}, {"shop", {50200, 50201, 50300}}};
  CHECK(ports_of_apps(m_home) == first);
  CHECK(ports_of_apps(m_home) == first);

  make_app("blog", 50400);
  files::remove_all(m_home.app("shop").root);
  CHECK(ports_of_apps(m_home) == Ports{{"blog", {50400, 50401}}});
}

TEST_CASE_METHOD(PortIndexTest, "what is no cache, or cannot be one, is only slower") {
  make_app("blog", 50100);
  const Ports expected{{"blog", {50100, 50101}}};
  CHECK(ports_of_apps(m_home) == expected); // no folder to keep it in
  files::create_directories(m_home.cache());
  for (const char* text : {"", "blog\n", "blog 1:2:3.4 0 99999\nshop x y\n", "\n\n \n"}) {
    write_file(m_home.cache() / "ports", text);
    CHECK(ports_of_apps(m_home) == expected);
  }
}

TEST_CASE_METHOD(PortIndexTest, "settings that do not parse are told, though they did once") {
  files::create_directories(m_home.cache());
  make_app("blog", 50100);
  static_cast<void>(ports_of_apps(m_home));
  write_file(m_home.app("blog").settings(), "colors: none\n");
  CHECK_THROWS_WITH(ports_of_apps(m_home), ContainsSubstring("app.yml:1"));
}
