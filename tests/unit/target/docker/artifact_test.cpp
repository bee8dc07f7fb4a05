#include "support/catch.hpp"
#include "target/docker/artifact.hpp"

using namespace teal;

TEST_CASE("an artifact is the image by its digest and both are read from it") {
  const std::string artifact = docker::make_artifact("localhost:5000/shop", "sha256:0a");
  CHECK(artifact == "localhost:5000/shop@sha256:0a");
  CHECK(docker::repository_of(artifact) == "localhost:5000/shop");
  CHECK(docker::digest_of(artifact) == "sha256:0a");
  CHECK(docker::digest_of("localhost:5000/shop").empty());
}
