#include "core/error.hpp"
#include "model/app.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("an app's name can be a host name label") {
  for (const char* name : {"a", "shop", "shop-2", "a1-b2-c3"}) {
    CHECK_NOTHROW(require_app_name(name));
  }
  CHECK_NOTHROW(require_app_name(std::string(40, 'a')));
}

TEST_CASE("what cannot be an app's name is refused") {
  const std::string name =
      GENERATE(as<std::string>(), "", "a/b", "..", ".", "a b", "Shop", "2shop", "-shop", "shop-", "a--b", "a_b", "a.b",
               "caf\xc3\xa9", "shop\n", std::string("a\0b", 3), std::string(41, 'a'), std::string(200, 'a'));
  INFO(name);
  try {
    require_app_name(name);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(error.message().size() < 200);
  }
}

TEST_CASE("a refused name is shown so that it cannot drive a terminal") {
  CHECK_THROWS_WITH(require_app_name("\x1b[2J"),
                    "'?[2J' cannot be an app's name: use 1 to 40 of a-z, 0-9 and single '-', a letter first");
}

TEST_CASE("the tags of our own pushes are told from those of others") {
  const std::string tag = tag_of_image("sha256:" + std::string(64, 'a'));
  CHECK(tag == "image-" + std::string(16, 'a'));
  for (const std::string& own : {tag, std::string("blue"), std::string("green"), std::string(40, 'b')}) {
    CHECK(is_own_tag(own));
  }
  for (const char* other : {"stable", "1.2", "latest", "bluegreen", "abcdef"}) {
    CHECK_FALSE(is_own_tag(other));
  }
}

TEST_CASE("an app's parts are named after it") {
  CHECK(container_name("shop", Color::blue) == "shop-blue");
  CHECK(network_name("shop") == "tealhook-shop");
  CHECK(starting_network_name("/srv/tealhook") == "tealhook--start-8d7de7618d5fb4a5");
  CHECK(starting_network_name("/srv/tealhook") != starting_network_name("/srv/other"));
  CHECK(former_starting_network_name("shop") == "tealhook-shop--start");
}
