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

TEST_CASE("a release is run from the registry where it is kept there and else by the id of its image") {
  Release release{.identity = "sha256:1d"};
  CHECK(docker::reference_of(release) == "sha256:1d");
  release.artifact = "localhost:5000/shop@sha256:0a";
  CHECK(docker::reference_of(release) == "localhost:5000/shop@sha256:0a");
}

TEST_CASE("an image is of a release by its id and by where it is kept") {
  const engine::Image image{.id = "sha256:1d", .tags = {}, .digests = {"localhost:5000/shop@sha256:0a"}};
  CHECK(docker::is_of({.identity = "sha256:1d", .artifact = ""}, image));
  CHECK(
      docker::is_of({.identity = "localhost:5000/shop@sha256:0a", .artifact = "localhost:5000/shop@sha256:0a"}, image));
  CHECK_FALSE(docker::is_of({.identity = "sha256:2d", .artifact = ""}, image));
  CHECK_FALSE(docker::is_of({.identity = "sha256:2d", .artifact = "localhost:5000/shop@sha256:0b"}, image));
}

TEST_CASE("the port of an image is the lowest of TCP that it exposes") {
  CHECK(docker::lowest_tcp_port({"9000/tcp", "3000/tcp", "53/udp"}) == 3000);
  CHECK(docker::lowest_tcp_port({"8443"}) == 8443);
  CHECK_FALSE(docker::lowest_tcp_port({"53/udp", "99/sctp"}));
  CHECK_FALSE(docker::lowest_tcp_port({}));
  CHECK_FALSE(docker::lowest_tcp_port({"0/tcp", "70000/tcp", "x/tcp"}));
}
