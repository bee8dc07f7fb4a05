// A push, and what comes of it, on a real engine and registry.
#include "core/text.hpp"
#include "support/catch.hpp"
#include "support/test_host.hpp"

#include <fmt/format.h>

using namespace teal;

TEST_CASE("a push to blue runs the commit on blue's port, and one to green on green's") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  const std::string first = project.commit("v1");
  const Outcome blue = project.push(app, Color::blue);
  INFO(blue.tail);
  CHECK(blue.succeeded());
  CHECK_THAT(blue.tail,
             ContainsSubstring(fmt::format("{} -> blue   deployment 1   main {} \"Say v1\"", app, first.substr(0, 7))));
  for (const char* step : {"checkout ", "build ", "publish ", "pull ", "start ", "check ", "ready in "}) {
    CHECK_THAT(blue.tail, ContainsSubstring(fmt::format("remote: {}", step)));
  }
  CHECK(host.answer(app, Color::blue) == "v1 blue");

  project.commit("v2");
  const Outcome green = project.push(app, Color::green);
  INFO(green.tail);
  CHECK(host.answer(app, Color::green) == "v2 green");
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}

TEST_CASE("the image is in the registry by color and commit, and the container runs that very image") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  const std::string commit = project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  const std::uint16_t registry_port = static_cast<std::uint16_t>(*parse_integer(host.registry().substr(10)));
  const std::string tags = http_get(registry_port, fmt::format("/v2/{}/tags/list", app));
  CHECK_THAT(tags, ContainsSubstring("\"blue\""));
  CHECK_THAT(tags, ContainsSubstring(commit));
  const std::string image = host.docker({"inspect", "-f", "{{.Config.Image}}", app + "-blue"});
  CHECK(image.starts_with("sha256:"));
  CHECK_THAT(host.docker({"inspect", "-f", "{{.RepoDigests}}", image}),
             ContainsSubstring(host.registry() + "/" + app + "@sha256:"));
}
