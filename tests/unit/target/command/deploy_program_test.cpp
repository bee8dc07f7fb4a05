#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "process/process_group.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"
#include "target/command/deploy_program.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

namespace {

class Heard : public Steps {
public:
  void step(StepName /*name*/, const std::function<std::string()>& work) override { static_cast<void>(work()); }
  void output(std::string_view text) override { m_text += text; }
  void line(std::string_view text) override { m_text.append(text).append("\n"); }

  [[nodiscard]] const std::string& text() const { return m_text; }

private:
  std::string m_text;
};

class ProgramFixture {
protected:
  void run(const std::string& script, std::stop_token interrupt = {}) {
    m_settings.run = {"/bin/sh", "-c", script};
    program().run({.release = m_release,
                   .variables = {{"TEALHOOK_APP", "shop"}},
                   .steps = m_heard,
                   .interrupt = std::move(interrupt)});
  }
  [[nodiscard]] DeployProgram program() const { return {m_settings, clean_environment(), m_record}; }

  TempFolder m_folder;
  std::filesystem::path m_release = [this] {
    std::filesystem::create_directories(m_folder.path() / "release/bin");
    return m_folder.path() / "release";
  }();
  std::filesystem::path m_record = m_folder.path() / "running";
  TargetSettings::Command m_settings;
  Heard m_heard;
};

} // namespace

TEST_CASE_METHOD(ProgramFixture, "a program runs in the release, with its variables, and what it prints is heard") {
  m_settings.env = {{"MODE", "production"}, {"TEALHOOK_APP", "another"}};
  run("pwd; echo $MODE $TEALHOOK_APP; echo oops >&2");
  CHECK_THAT(m_heard.text(), ContainsSubstring(m_release.string() + "\n") && ContainsSubstring("production shop\n") &&
                                 ContainsSubstring("oops\n"));
  CHECK_FALSE(files::exists(m_record));
}

TEST_CASE_METHOD(ProgramFixture, "a program that fails is told with how it ended and its last line") {
  CHECK_THROWS_WITH(run("echo no such table; exit 3"), "'echo no such table; exit 3' exited with 3: no such table");
  CHECK_FALSE(files::exists(m_record));
}

TEST_CASE_METHOD(ProgramFixture, "a program that hangs is ended at its deadline with all that it started") {
  m_settings.deadline = 1s;
  CHECK_THROWS_WITH(run("trap '' TERM; sleep 600 & echo $$ > pid; wait; sleep 600"),
                    ContainsSubstring("did not end within 1s"));
  CHECK(processes_of_group(std::stoi(read_file(m_release / "pid"))).empty());
}

TEST_CASE_METHOD(ProgramFixture, "a program that is cancelled is ended") {
  std::stop_source source;
  std::jthread canceller([&] {
    wait_until([&] { return files::exists(m_release / "pid"); }, 10s, "the program");
    source.request_stop();
  });
  CHECK_THROWS_WITH(run("echo $$ > pid; sleep 600", source.get_token()), ContainsSubstring("was cancelled"));
}

TEST_CASE_METHOD(ProgramFixture, "what a program leaves in the background goes on, and keeps nobody waiting") {
  run("sleep 600 & echo $! > pid; echo started");
  const pid_t left = std::stoi(read_file(m_release / "pid"));
  CHECK(::kill(left, 0) == 0);
  CHECK_FALSE(files::exists(m_record)); // it is nobody's to end
  ::kill(left, SIGKILL);
}

TEST_CASE_METHOD(ProgramFixture, "a program has no terminal, and reads nothing") {
  run("if read line; then echo read; else echo nothing; fi; test -t 0 || echo no terminal");
  CHECK_THAT(m_heard.text(), ContainsSubstring("nothing\n") && ContainsSubstring("no terminal\n"));
}

TEST_CASE_METHOD(ProgramFixture, "where a directory is named the program runs there, and no link leads it out") {
  m_settings.directory = "bin";
  run("pwd");
  CHECK_THAT(m_heard.text(), ContainsSubstring((m_release / "bin").string()));
  std::filesystem::create_symlink("/etc", m_release / "conf");
  m_settings.directory = "conf";
  CHECK_THROWS_WITH(run("pwd"), ContainsSubstring("'conf' leads out of the work tree (directory)"));
  m_settings.directory = "/";
  run("pwd");
  CHECK_THAT(m_heard.text(), ContainsSubstring("\n/\n"));
}

TEST_CASE_METHOD(ProgramFixture, "what a killed runner had started is ended before the program runs again") {
  const pid_t runner = ::fork();
  if (runner == 0) {
    try {
      run("sleep 600 & echo $$ > pid.new; mv pid.new pid; wait");
    } catch (...) {
    }
    ::_exit(0);
  }
  wait_until([&] { return files::exists(m_release / "pid"); }, 10s, "the program");
  const pid_t group = std::stoi(read_file(m_release / "pid"));
  ::kill(runner, SIGKILL);
  ::waitpid(runner, nullptr, 0);
  CHECK_FALSE(processes_of_group(group).empty()); // the shell died with its runner, and its child did not
  run("echo again");
  CHECK(processes_of_group(group).empty());
  CHECK_THAT(m_heard.text(), ContainsSubstring("still ran, for its runner was killed; it is ended\nagain\n"));
}

TEST_CASE_METHOD(ProgramFixture, "what stands in a program's way is found without running it") {
  m_settings.run = {"bin/deploy.sh"};
  CHECK(program().obstacles().empty()); // it is in the commit
  m_settings.run = {"/no/such/program"};
  REQUIRE(program().obstacles().size() == 1);
  CHECK(program().obstacles()[0].message() == "cannot run '/no/such/program': no such file or directory");
  m_settings.run = {"no-such-program"};
  CHECK(program().obstacles().at(0).message() == "there is no program 'no-such-program' in PATH");
  m_settings = {.run = {"true"}, .user = "nobody-of-that-name", .directory = "/no/such/folder"};
  const auto found = program().obstacles();
  CHECK(found.at(0).message() == "'/no/such/folder' is no folder (directory)");
  CHECK(found.back().message() == "there is no user 'nobody-of-that-name' on this host");
}

TEST_CASE_METHOD(ProgramFixture, "a program is shown as it was written") {
  m_settings.run = {"bin/deploy.sh", "--all"};
  CHECK(program().shown() == "bin/deploy.sh --all");
  m_settings.run = {"/bin/sh", "-c", "make deploy | tee log"};
  CHECK(program().shown() == "make deploy | tee log");
}
