#include "support/catch.hpp"
#include "target/docker/foreign_image.hpp"

using namespace teal;

TEST_CASE("an engine runs what is built for it, and 32 bits on 64") {
  CHECK(runs_platform("linux/amd64", "linux/amd64"));
  CHECK(runs_platform("linux/amd64", "linux/386"));
  CHECK(runs_platform("linux/arm64", "linux/arm"));
  CHECK_FALSE(runs_platform("linux/amd64", "linux/arm64"));
  CHECK_FALSE(runs_platform("linux/386", "linux/amd64"));
  CHECK_FALSE(runs_platform("linux/amd64", "windows/amd64"));
}

TEST_CASE("the commit of an image is what its labels say if that is one") {
  const std::string commit(40, 'a');
  CHECK(commit_of({.labels = {{"org.opencontainers.image.revision", commit}}}) == commit);
  CHECK(commit_of({.labels = {{"tealhook.commit", std::string(40, 'b')},
                              {"org.opencontainers.image.revision", commit}}}) == std::string(40, 'b'));
  CHECK(commit_of({.labels = {{"org.opencontainers.image.revision", "v1; rm -rf /"}}}).empty());
  CHECK(commit_of({}).empty());
}
