#include "core/error.hpp"
#include "support/catch.hpp"
#include "target/compose/compose_artifact.hpp"

using namespace teal;

TEST_CASE("what is kept of a compose release is read back, and told from what another kind made") {
  const ComposeArtifact made{.folder = "43", .images = {{"web", "sha256:1"}, {"cache", "sha256:2"}}};
  CHECK(made.text() == "43 cache@sha256:2 web@sha256:1");
  const auto read = ComposeArtifact::parse(made.text());
  REQUIRE(read);
  CHECK(read->folder == "43");
  CHECK(read->images == made.images);
  CHECK_FALSE(ComposeArtifact::parse("localhost:5000/shop@sha256:1"));
  CHECK_FALSE(ComposeArtifact::parse("sha256:1"));
  CHECK_FALSE(ComposeArtifact::parse(""));
}

TEST_CASE("a service runs from the registry once it is kept there, and by its id before") {
  Release release{.id = 7, .app = "shop", .commit = "", .subject = "", .identity = "43 web@sha256:1", .created = {}};
  CHECK(image_of_service(release, "localhost:5000/shop", "web") == "sha256:1");
  release.artifact = "43 web@sha256:2";
  CHECK(image_of_service(release, "localhost:5000/shop", "web") == "localhost:5000/shop/web@sha256:2");
  CHECK_THROWS_AS(image_of_service(release, "localhost:5000/shop", "cache"), Error);
  release.artifact = "localhost:5000/shop@sha256:2";
  CHECK_THROWS_AS(require_compose_release(release), Error);
}
