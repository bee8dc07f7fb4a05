#include "core/error.hpp"
#include "model/image_reference.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

const std::string k_digest = "sha256:" + std::string(64, 'a');

} // namespace

TEST_CASE("an image reference has a name and a tag or a digest") {
  const auto ours = ImageReference::parse("localhost:5000/team/shop:1.2").value();
  CHECK(ours.name == "localhost:5000/team/shop");
  CHECK(ours.registry() == "localhost:5000");
  CHECK(ours.path() == "team/shop");
  CHECK(ours.tag == "1.2");
  CHECK(ours.digest.empty());
  const auto pinned = ImageReference::parse("registry.example.com/shop@" + k_digest).value();
  CHECK(pinned.registry() == "registry.example.com");
  CHECK(pinned.digest == k_digest);
  CHECK(pinned.tag.empty());
  const auto both = ImageReference::parse("nginx:1.25@" + k_digest).value();
  CHECK(both.registry() == "docker.io");
  CHECK(both.path() == "nginx");
  CHECK(both.text() == "nginx:1.25@" + k_digest);
  CHECK(ImageReference::parse("team/my__app-x.y--z:Latest_1").value().path() == "team/my__app-x.y--z");
}

TEST_CASE("what is no image reference is refused, and so is one that leaves open which image is meant") {
  const std::string text = GENERATE(
      as<std::string>(), "", "shop", "localhost:5000/shop", "-v:1", "--privileged:1", "Shop:1", "shop:", "shop:-1",
      "shop:.1", "shop:a b", "shop:a\n", "shop: ", "shop:1@sha256:12", "shop@md5:1", "shop@", "../shop:1", "a//b:1",
      "a/../b:1", "/shop:1", "shop/:1", "http://h/shop:1", "h:x/shop:1", "h:99999/shop:1", "-h.x/shop:1", "h..x/shop:1",
      "shop._x:1", "shop_:1", "a___b:1", "shop:1;ls", "shop:$(ls)", "shop:1?x", "shop:1#x", "shop:1@" + k_digest + "0");
  INFO(text);
  CHECK_FALSE(ImageReference::parse(text));
  CHECK_THROWS_WITH(ImageReference::require(text), ContainsSubstring("is no image: give it with a tag or a digest"));
}

TEST_CASE("names and tags have their limits") {
  CHECK(ImageReference::parse("shop:" + std::string(128, 'a')));
  CHECK_FALSE(ImageReference::parse("shop:" + std::string(129, 'a')));
  CHECK(is_image_name(std::string(255, 'a')));
  CHECK_FALSE(is_image_name(std::string(256, 'a')));
  CHECK_FALSE(is_image_name("shop:1"));
}
