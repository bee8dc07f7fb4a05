// Full disks, a home that cannot be written, a store that cannot be used, and a clock that jumps: each is told in
// words, what ran before serves on, and the next push works.
#include "process/atomic_file.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"
#include "support/small_disk.hpp"
#include "support/wait_until.hpp"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>

#include <optional>

using namespace teal;

namespace {

namespace fs = std::filesystem;

#define REQUIRE_SMALL_DISKS()                                                                                          \
  if (!can_mount()) {                                                                                                  \
    SKIP_TEST("takes root in a private host (tests/support/private_host.sh), to mount a small disk");                  \
  }

/// An app whose deployments are let begin on a disk that is nearly full.
class CrampedApp : public ServedApp {
public:
  /// Whose runner has gone: nothing else changes the home while a disk is put in its place.
  CrampedApp() : m_limit(host().home().settings(), "#min_free_disk: 1GiB", "min_free_disk: 1B") {
    host().await_rest(name());
  }

  [[nodiscard]] AppFolder folder() const { return host().home().app(name()); }
  /// Commits what is there and pushes it to blue. Returns what the pusher saw.
  [[nodiscard]] std::string try_push(const std::string& version) const {
    project().commit(version);
    return what_was_told(project().push(name(), Color::blue));
  }
  /// That a push is refused before git takes it, and nothing has changed.
  void check_refused(const std::string& version, const std::string& words) const {
    const std::string told = try_push(version);
    CHECK_THAT(told, ContainsSubstring(words) && ContainsSubstring("REFUSED   nothing of this push was taken"));
    CHECK(answer() == "v1 blue");
  }
  /// That nothing is left of what went wrong.
  void check_next_push() const {
    push("after");
    CHECK(answer() == "after blue");
    const auto containers = [&] { return host().docker({"ps", "-aq", "--filter", "name=" + name()}); };
    wait_until([&] { return containers().find('\n') == std::string::npos; }, std::chrono::seconds(60),
               "the old one's end");
  }

private:
  ChangedFile m_limit;
};

/// Moves a file out of the way, and back.
class MovedFile {
public:
  explicit MovedFile(fs::path file) : m_file(std::move(file)) { fs::rename(m_file, m_file.string() + ".kept"); }
  MovedFile(const MovedFile&) = delete;
  MovedFile& operator=(const MovedFile&) = delete;
  ~MovedFile() {
    for (const char* beside : {"-wal", "-shm"}) {
      fs::remove(m_file.string() + beside);
    }
    fs::rename(m_file.string() + ".kept", m_file);
  }
  [[nodiscard]] std::string kept() const { return read_file(m_file.string() + ".kept"); }

private:
  fs::path m_file;
};

} // namespace

TEST_CASE("a home whose disk is full refuses a push before git takes it") {
  REQUIRE_SMALL_DISKS();
  const CrampedApp app;
  const SmallDisk disk(app.host().home().root, 64);
  disk.fill_up_to(std::uintmax_t{900} << 10U);
  app.check_refused("v2", "are free on its disk; make room there");
  disk.empty();
  app.check_next_push();
}

TEST_CASE("a deployment whose home gets full goes on when there is room") {
  REQUIRE_SMALL_DISKS();
  const CrampedApp app;
  const SmallDisk disk(app.host().home().root, 64);
  app.project().build_slowly(3);
  app.project().commit("v2");
  const Background push({.arguments = {"git", "push", app.folder().repository(Color::blue).string(), "main"},
                         .directory = app.project().path(),
                         .environment = app.host().environment()});
  wait_until(
      [&] {
        return fs::exists(app.folder().log(2)) && read_file(app.folder().log(2)).find("RUN") != std::string::npos;
      },
      std::chrono::seconds(60), "the build");
  disk.fill_up_to(0);
  const std::string told = push.finish();
  CHECK_THAT(told, ContainsSubstring("UNFINISHED   deployment 2 goes on once that is mended, with: tealhook --home " +
                                     app.host().home().root.string() + " recover"));
  CHECK(app.answer() == "v1 blue");
  disk.empty();
  app.host().tealhook_ok({"recover"});
  wait_until([&] { return app.answer() == "v2 blue"; }, std::chrono::seconds(60), "the deployment to go on");
  app.check_next_push();
}

TEST_CASE("a deployment is made though its log cannot be written and its outcome is told") {
  REQUIRE_SMALL_DISKS();
  const CrampedApp app;
  const SmallDisk disk(app.folder().logs(), 1);
  disk.fill_up_to(0);
  CHECK_THAT(app.try_push("v2"),
             ContainsSubstring("ready   http://") && ContainsSubstring("its log could not be written to the end"));
  CHECK(app.answer() == "v2 blue");
  disk.empty();
  app.check_next_push();
}

TEST_CASE("a work tree or a registry whose disk gets full fails the deployment and what ran serves on") {
  REQUIRE_SMALL_DISKS();
  const CrampedApp app;
  const fs::path noise = app.project().path() / "noise";
  const auto fails = [&](const std::string& version, const std::string& words) {
    app.project().git({"config", "core.bigFileThreshold", "1"}); // not to compress it
    const Outcome made = run({.arguments = {"sh", "-c", "head -c 6000000 /dev/urandom >noise"},
                              .directory = app.project().path(),
                              .environment = app.host().environment()});
    REQUIRE(made.succeeded());
    CHECK_THAT(app.push_in_vain(version), ContainsSubstring(words));
    fs::remove(noise);
  };
  {
    const SmallDisk disk(app.folder().work_tree(Color::blue), 4);
    fails("v2", "no space left on device");
  }
  {
    app.host().tealhook_ok({"registry", "down"});
    std::optional<SmallDisk> disk(std::in_place, app.host().home().registry(), 16);
    app.host().tealhook_ok({"registry", "up"});
    app.project().write("Dockerfile",
                        "FROM scratch\nCOPY program /program\nCOPY version noise /\nCMD [\"/program\"]\n");
    disk->fill_up_to(std::uintmax_t{1} << 20U);
    fails("v3", "cannot push");
    disk->empty();
    app.project().set_arguments({});
    app.check_next_push();
    app.host().tealhook_ok({"registry", "down"});
    disk.reset();
    app.host().tealhook_ok({"registry", "up"});
  }
}

TEST_CASE("a home that is read-only is told with its cause, and serves on") {
  REQUIRE_SMALL_DISKS();
  const CrampedApp app;
  const fs::path home = app.host().home().root;
  REQUIRE(::mount(home.c_str(), home.c_str(), nullptr, MS_BIND, nullptr) == 0);
  REQUIRE(::mount(nullptr, home.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0);
  app.project().commit("v2");
  CHECK_THAT(app.project().push(app.name(), Color::blue).tail, ContainsSubstring("remote rejected"));
  const Outcome deploy = app.host().tealhook({"deploy", app.name(), "--color", "blue"});
  CHECK(deploy.exit_code == 3);
  CHECK_THAT(deploy.tail, ContainsSubstring("state.db': read-only file system"));
  CHECK(app.answer() == "v1 blue");
  REQUIRE(::umount2(home.c_str(), MNT_DETACH) == 0);
  app.check_next_push();
}

TEST_CASE("a store that is garbage or cut off or newer refuses a push before git takes it") {
  const CrampedApp app;
  const fs::path file = app.host().home().store();
  {
    const MovedFile kept(file);
    write_file(file, "garbage, garbage, garbage");
    app.check_refused("v2", "file is not a database; put a copy of it back, or move it away");
    CHECK(app.host().tealhook({"status"}).exit_code == 3);
  }
  {
    const MovedFile kept(file);
    write_file(file, kept.kept().substr(0, 9000));
    app.check_refused("v3", "database disk image is malformed; put a copy of it back, or move it away");
  }
  {
    const MovedFile kept(file);
    Database(file).handle().exec("PRAGMA user_version = 99");
    app.check_refused("v4", "install the newer tealhook that wrote it");
  }
  app.check_next_push();
}

TEST_CASE("a store that another process holds for long refuses a push before git takes it") {
  const CrampedApp app;
  {
    const Database database(app.host().home().store());
    database.handle().exec("BEGIN IMMEDIATE");
    app.check_refused("v2", "database is locked; another process holds it: fuser -v ");
    const Outcome deploy = app.host().tealhook({"deploy", app.name(), "--color", "blue"});
    CHECK(deploy.exit_code == 4);
    CHECK_THAT(deploy.tail, ContainsSubstring("database is locked"));
  }
  app.check_next_push();
}

TEST_CASE("deployments are made whatever way the clock jumps between them") {
#ifdef __SANITIZE_ADDRESS__
  SKIP_TEST("faketime and the address sanitizer both want to be loaded first: tried on the release build");
#endif
  const CrampedApp app;
  int version = 1;
  for (const char* jump : {"-5h", "+5h", "-2h"}) {
    const std::string name = fmt::format("v{}", ++version);
    app.project().commit(name);
    // The runner that this starts has the jumped clock for as long as faketime runs; the next one gets its own.
    const Outcome push = run({.arguments = {"faketime", "-f", jump, "sh", "-c",
                                            R"(git push "$0" main; while pgrep -f "$1" >/dev/null; do sleep 0.1; done)",
                                            app.folder().repository(Color::blue).string(), "[r]unner " + app.name()},
                              .directory = app.project().path(),
                              .environment = app.host().environment(),
                              .deadline = std::chrono::minutes(2)});
    CHECK_THAT(push.tail, ContainsSubstring("remote: ready in"));
    CHECK(app.answer() == name + " blue");
  }
  app.check_next_push();
  CHECK_THAT(app.host().tealhook_ok({"history", app.name()}), ContainsSubstring("v4"));
}
