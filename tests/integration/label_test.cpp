// Labels of ours that an image brings along.
#include "model/app.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"

#include <fmt/format.h>

using namespace teal;

TEST_CASE("no label of ours is taken from an image") {
  const ServedApp app({}, "deploy: {keep_releases: 1}\n");
  const std::string container = app.name() + "-blue";
  std::string dockerfile = "FROM scratch\nCOPY program /program\nCOPY version /version\nCMD [\"/program\"]\n";
  for (const char* label : {"home", "app", "color", "port", "process", "commit", "release", "deployment", "networks"}) {
    dockerfile += fmt::format("LABEL tealhook.{}=of-the-image\n", label);
  }
  app.project().write("Dockerfile", dockerfile);
  app.push("v2");
  CHECK(app.ended_step("retire").at("status") == "done");
  CHECK_THAT(app.host().docker({"inspect", "-f", "{{json .Config.Labels}}", container}),
             !ContainsSubstring("of-the-image"));
  app.host().tealhook_ok({"recover"});
  CHECK(app.answer() == "v2 blue");

  app.push("v3");
  CHECK(app.ended_step("retire").at("status") == "done");
  CHECK(app.answer() == "v3 blue");
  CHECK(app.host().docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + app.name()}) ==
        container);
}
