// What goes into a build, what must not, and how one that fails is told.
#include "support/catch.hpp"
#include "support/served_app.hpp"

#include <functional>

using namespace teal;

namespace {

namespace fs = std::filesystem;

constexpr const char* k_build_with_greeting = "FROM scratch AS plain\n"
                                              "COPY program version /\n"
                                              "CMD [\"/program\"]\n"
                                              "FROM plain AS greeting\n"
                                              "ARG GREETING\n"
                                              "ENV GREETING=$GREETING\n"
                                              "FROM plain AS last\n"
                                              "ENV GREETING=last\n";

} // namespace

TEST_CASE("a build that cannot succeed is told with its step or its file, and the predecessor serves on") {
  const ServedApp app;
  const Project& project = app.project();
  const auto start_over = [&] {
    for (const char* left : {"Dockerfile", ".dockerignore", ".tealhook.yml", "away", "Dockerfile.dockerignore"}) {
      fs::remove_all(project.path() / left);
    }
    project.set_arguments({});
  };
  struct Case {
    std::string version;
    std::function<void()> spoil;
    std::string told;
  };
  const auto file = [&](const char* name) { return project.path() / name; };
  const std::vector<Case> cases{
      {"no Dockerfile", [&] { fs::remove(file("Dockerfile")); },
       "error: 'Dockerfile' is not in the commit (build.dockerfile)\n"},
      {"an unknown instruction", [&] { project.write("Dockerfile", "FRM scratch\n"); }, "unknown instruction: FRM"},
      {"a step that fails",
       [&] { project.write("Dockerfile", "FROM scratch\nCOPY program /\nRUN [\"/program\", \"--exit\", \"4\"]\n"); },
       "error: build failed at step 'RUN [\"/program\", \"--exit\", \"4\"]': exit code: 4\n"},
      {"a file that is not there", [&] { project.write("Dockerfile", "FROM scratch\nCOPY gone /\n"); },
       "error: build failed at step 'COPY gone /': "},
      {"a Dockerfile that leads out",
       [&] {
         fs::remove(file("Dockerfile"));
         fs::create_symlink("/etc/hostname", file("Dockerfile"));
       },
       "error: 'Dockerfile' leads out of the work tree (build.dockerfile)\n"},
      {"a Dockerfile that is a folder",
       [&] {
         fs::remove(file("Dockerfile"));
         project.write("Dockerfile/file", "");
       },
       "error: 'Dockerfile' is not a file (build.dockerfile)\n"},
      {"a context that leads out",
       [&] {
         fs::create_symlink("/etc", file("away"));
         project.write(".tealhook.yml", "build: {context: away}\n");
       },
       "error: 'away' leads out of the work tree (build.context)\n"},
      {"a .dockerignore that leads out", [&] { fs::create_symlink("/etc/passwd", file(".dockerignore")); },
       "error: '.dockerignore' leads out of the work tree (read by the build)\n"},
      {"a Dockerfile.dockerignore that leads out",
       [&] { fs::create_symlink("../..", file("Dockerfile.dockerignore")); },
       "error: 'Dockerfile.dockerignore' leads out of the work tree (read by the build)\n"},
      {"a wait that the server does not allow", [&] { project.write(".tealhook.yml", "health:\n  deadline: 1h\n"); },
       ":.tealhook.yml:2: 'health.deadline' is 1h: a pushed file may give at most 5m (limits.health_deadline)"},
  };
  for (const Case& one : cases) {
    INFO(one.version);
    start_over();
    one.spoil();
    CHECK_THAT(app.push_in_vain(one.version), ContainsSubstring(one.told));
  }
}

TEST_CASE("a pushed .tealhook.yml says how to build, to check and what the program is told, and app.yml overrules it") {
  const ServedApp app;
  const Project& project = app.project();
  fs::create_directory(project.path() / "image");
  fs::rename(project.path() / "program", project.path() / "image/program");
  fs::remove(project.path() / "Dockerfile");
  project.write("image/version", "v2\n");
  project.write("image/Containerfile", k_build_with_greeting);
  project.write(".tealhook.yml", "build: {context: image, dockerfile: Containerfile, target: greeting, "
                                 "args: {GREETING: from the build}}\n"
                                 "health: {path: /health}\n");
  CHECK_THAT(app.push("v2"), ContainsSubstring("GET /health -> 200\n"));
  CHECK(app.answer() == "v2 blue from the build");

  project.write(".tealhook.yml", "build: {context: image, dockerfile: Containerfile, target: greeting}\n"
                                 "health: {path: /health}\n"
                                 "run: {env: {GREETING: from the commit}}\n");
  app.push("v3");
  CHECK(app.answer() == "v2 blue from the commit");

  app.set_settings("build: {target: last}\nhealth: {path: /up}\nrun: {env: {GREETING: from the server}}\n");
  CHECK_THAT(app.push("v4"), ContainsSubstring("GET /up -> 200\n"));
  CHECK(app.answer() == "v2 blue from the server");
  CHECK_THAT(app.host().docker(
                 {"image", "inspect", "-f", "{{.Config.Env}}", app.host().registry() + "/" + app.name() + ":blue"}),
             ContainsSubstring("GREETING=last"));
}

TEST_CASE("a work tree that was edited by hand is put right before it is built") {
  const ServedApp app;
  const fs::path work_tree = app.host().home().app(app.name()).work_tree(Color::blue);
  fs::remove(work_tree / "Dockerfile");
  fs::remove(work_tree / "version");
  fs::create_directories(work_tree / "version/left");
  fs::create_symlink("/etc/passwd", work_tree / ".dockerignore");
  const Outcome again = app.host().tealhook({"deploy", app.name(), "--color", "blue"});
  INFO(again.tail);
  CHECK(again.exit_code == 0);
  CHECK(app.answer() == "v1 blue");
  CHECK_FALSE(fs::is_symlink(work_tree / ".dockerignore"));
}
