#include "support/catch.hpp"
#include "trigger/image_source.hpp"

using namespace teal;

TEST_CASE("a source waits for the tags of its own image alone") {
  const ImageSource source({.tag = "v*", .image = "registry.example.com/team/shop"}, "localhost:5000/shop");
  CHECK(source.image() == "registry.example.com/team/shop");
  CHECK(source.counts("team/shop", "v1.2"));
  CHECK_FALSE(source.counts("team/shop", "stable"));
  CHECK_FALSE(source.counts("team/shop", ""));
  CHECK_FALSE(source.counts("shop", "v1.2"));
  CHECK_FALSE(source.counts("other/team/shop", "v1.2"));
}

TEST_CASE("without an image it is the app's own, and what we push there ourselves is never waited for") {
  const ImageSource source({.tag = "*"}, "localhost:5000/shop");
  CHECK(source.counts("shop", "stable"));
  for (const std::string& own :
       {std::string("blue"), std::string("green"), std::string(40, 'a'), std::string("image-0123456789abcdef")}) {
    INFO(own);
    CHECK_FALSE(source.counts("shop", own));
    CHECK(ImageSource({.tag = "*", .image = "localhost:5000/ci"}, "localhost:5000/shop").counts("ci", own));
  }
}
