// The gate: what is pushed is built out of git's quarantine first, and what does not build is not taken.
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"

#include <boost/json/value.hpp>
#include <fmt/format.h>

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// v1 serves on blue, and from now on the gate is up.
class GatedApp : public ServedApp {
public:
  GatedApp() { set_settings("gate: true\n"); }

  [[nodiscard]] std::string image_of(Color color = Color::blue) const {
    return host().docker({"inspect", "-f", "{{.Image}}", fmt::format("{}-{}", name(), to_string(color))});
  }
  [[nodiscard]] std::string head_of(Color color = Color::blue) const {
    return project().git({"--git-dir", host().repository(name(), color).string(), "rev-parse", "main"});
  }
  /// Tags of the app's images that the gate made.
  [[nodiscard]] std::string waiting_images() const {
    return host().docker({"images", "--format", "{{.Tag}}", "--filter",
                          fmt::format("reference={}/{}:gate-*", host().registry(), name())});
  }
};

} // namespace

TEST_CASE("a push whose build fails is refused with the build's words, and nothing of it is taken") {
  const GatedApp app;
  const std::string before = app.head_of();
  app.project().write("Dockerfile", "FROM scratch\nCOPY nowhere /\n");
  app.project().commit("v2");
  const Outcome pushed = app.project().push(app.name(), Color::blue);
  const std::string told = what_was_told(pushed);
  CHECK_FALSE(pushed.succeeded());
  CHECK_THAT(told, ContainsSubstring("nowhere") && ContainsSubstring("error: ") &&
                       ContainsSubstring("REFUSED   nothing of this push was taken"));
  CHECK_THAT(pushed.tail, ContainsSubstring("pre-receive hook declined"));
  CHECK(app.head_of() == before);
  CHECK(app.answer() == "v1 blue");
  CHECK(app.newest().at("commit").as_string() == before);
  CHECK(app.waiting_images().empty());
}

TEST_CASE("what the gate built is deployed without being built again") {
  const GatedApp app;
  const std::string told = app.push("v2");
  CHECK_THAT(told, ContainsSubstring(app.name() + " gate   main "));
  CHECK_THAT(told, ContainsSubstring("built by the gate"));
  CHECK(app.answer() == "v2 blue");
  CHECK(app.waiting_images().empty());
  app.host().tealhook_ok({"deploy", app.name(), "--color", "blue"});
  const auto step = app.ended_step("build");
  CHECK_THAT(std::string(step.at("fact").as_string()), !ContainsSubstring("gate"));
}

TEST_CASE("an image that waited at the gate in vain makes room for the next one's") {
  const GatedApp app;
  const fs::path update = app.host().repository(app.name(), Color::blue) / "hooks/update";
  write_file(update, "#!/bin/sh\nexit 1\n", 0755);
  app.project().commit("v2");
  CHECK_FALSE(app.project().push(app.name(), Color::blue).succeeded());
  const std::string first = app.waiting_images();
  CHECK_THAT(first, ContainsSubstring("gate-blue-"));
  app.project().commit("v3");
  CHECK_FALSE(app.project().push(app.name(), Color::blue).succeeded());
  const std::string second = app.waiting_images();
  CHECK(second.size() == first.size());
  CHECK(second != first);
  fs::remove(update);
  CHECK_THAT(what_was_told(app.project().push(app.name(), Color::blue)), ContainsSubstring("built by the gate"));
  CHECK(app.answer() == "v3 blue");
}

TEST_CASE("settings that changed after the gate had built let the deployment build") {
  const GatedApp app;
  const fs::path repository = app.host().repository(app.name(), Color::blue);
  const std::string settings = read_file(app.settings_file()) + "build:\n  args: {COLOR: red}\n";
  write_file(repository / "hooks/update",
             fmt::format("#!/bin/sh\ncat >'{}' <<'END'\n{}END\n", app.settings_file().string(), settings), 0755);
  app.project().commit("v2");
  const std::string told = what_was_told(app.project().push(app.name(), Color::blue));
  CHECK_THAT(told, ContainsSubstring("\nready in ") && !ContainsSubstring("built by the gate"));
}

TEST_CASE("what would not be deployed passes the gate unbuilt") {
  const GatedApp app;
  app.project().write("Dockerfile", "FROM scratch\nCOPY nowhere /\n");
  app.project().commit("v2");
  CHECK(app.project().push(app.name(), Color::blue, "main:refs/heads/other").succeeded());
  CHECK(app.project().push(app.name(), Color::blue, "main:refs/tags/v2").succeeded());
  CHECK(app.project().push(app.name(), Color::blue, ":refs/heads/other").succeeded());
  CHECK(app.answer() == "v1 blue");
}

TEST_CASE("bad pushed settings and an unsafe path are refused at the gate") {
  const GatedApp app;
  app.project().write(".tealhook.yml", "route: {port: 1}\n");
  app.project().commit("v2");
  const Outcome pushed = app.project().push(app.name(), Color::blue);
  CHECK_FALSE(pushed.succeeded());
  CHECK_THAT(what_was_told(pushed), ContainsSubstring(".tealhook.yml:1") && ContainsSubstring("REFUSED"));
}

TEST_CASE("a frozen app's gate refuses every push that would deploy, and says who froze it") {
  const GatedApp app;
  const std::string before = app.head_of();
  app.host().tealhook_ok({"freeze", app.name(), "-m", "stocktaking"});
  app.project().commit("v2");
  const Outcome pushed = app.project().push(app.name(), Color::blue);
  CHECK_FALSE(pushed.succeeded());
  CHECK_THAT(what_was_told(pushed),
             ContainsSubstring("is frozen by ") && ContainsSubstring(": stocktaking") && ContainsSubstring("REFUSED"));
  CHECK(app.head_of() == before);
}

TEST_CASE("a repository that was there is gated by its own flag, and its own earlier hook is asked first") {
  const ServedApp app;
  const TempFolder folder;
  const fs::path bare = folder.path() / "shop.git";
  app.project().git({"init", "--bare", "--quiet", "--initial-branch", "main", bare.string()});
  write_file(bare / "hooks/pre-receive", "#!/bin/sh\necho earlier asked\n! grep -q refs/heads/bad\n", 0755);
  app.host().tealhook_ok({"hook", "install", bare.string(), "--app", app.name(), "--color", "green", "--gate"});
  app.project().commit("v2");
  const std::string told = what_was_told(app.project().push(bare));
  CHECK_THAT(told, ContainsSubstring("earlier asked") && ContainsSubstring("built by the gate"));
  CHECK(app.answer(Color::green) == "v2 green");

  const Outcome refused = app.project().push(bare, "main:refs/heads/bad");
  CHECK_FALSE(refused.succeeded());
  CHECK_THAT(what_was_told(refused), ContainsSubstring("pre-receive.before-tealhook': exited with 1"));

  app.host().tealhook_ok({"hook", "remove", bare.string()});
  CHECK(fs::is_regular_file(bare / "hooks/pre-receive"));
  CHECK_FALSE(fs::exists(bare / "hooks/post-receive"));
}
