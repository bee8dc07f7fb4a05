#include "engine/push_output.hpp"
#include "support/catch.hpp"

using namespace teal::engine;

namespace {

constexpr const char* k_output = "The push refers to repository [localhost:5000/shop]\n"
                                 "4d00c2759faa: Pushed\n"
                                 "blue: digest: sha256:9f2c31e0 size: 527\n";

} // namespace

TEST_CASE("the digest of a push is in the tag's line") {
  CHECK(find_digest(k_output, "blue") == "sha256:9f2c31e0");
}

TEST_CASE("another tag's digest is not taken") {
  CHECK_FALSE(find_digest(k_output, "green"));
}

TEST_CASE("a push tells how many of its layers are there in pieces of any size") {
  PushProgress progress;
  CHECK(progress.text().empty());
  const std::string output = "The push refers to repository [localhost:5000/shop]\n5f70bf18a086: Preparing\n"
                             "a3ed95caeb02: Preparing\nbbbbbbbbbbbb: Waiting\n5f70bf18a086: Pushed\r\n"
                             "a3ed95caeb02: Layer already exists\nblue: digest: sha256:9f2c31e0 size: 528\n";
  for (const char c : output) {
    progress.feed(std::string(1, c));
  }
  CHECK(progress.text() == "2 of 3 layers");
}

TEST_CASE("output without a digest has none") {
  CHECK_FALSE(find_digest("Writing manifest to image destination\n", "blue"));
  CHECK_FALSE(find_digest("", "blue"));
}

TEST_CASE("a digest without a size, and with a carriage return, is read") {
  CHECK(find_digest("blue: digest: sha256:ab\r\n", "blue") == "sha256:ab");
}
