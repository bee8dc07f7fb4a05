#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "process/detached.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <future>

using namespace teal;
using namespace std::chrono_literals;

namespace {

const Environment k_environment{{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"}};

Command shell(const std::string& script) {
  Command command;
  command.arguments = {"sh", "-c", script};
  command.environment = k_environment;
  command.deadline = 20s;
  return command;
}

std::string output_of(const std::string& script) {
  return run(shell(script)).output;
}

/// Ended; whether its new parent has reaped it yet is not our concern.
bool is_gone(const std::string& pid) {
  return !is_alive(identify(static_cast<pid_t>(std::stoi(pid))).value_or(ProcessId{}));
}

/// A signal's disposition while it is in scope.
class Disposition {
public:
  Disposition(int signal, sighandler_t handler) : m_signal(signal), m_before(std::signal(signal, handler)) {}
  Disposition(const Disposition&) = delete;
  Disposition& operator=(const Disposition&) = delete;
  ~Disposition() { std::signal(m_signal, m_before); }

private:
  int m_signal;
  sighandler_t m_before;
};

} // namespace

TEST_CASE("the starts and ends of programs interrupt nobody's wait") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const Descriptor near(ends[0]);
  const Descriptor far(ends[1]);
  constexpr timeval k_minute{60, 0}; // only what has a deadline is not gone on with
  ::setsockopt(near.number(), SOL_SOCKET, SO_RCVTIMEO, &k_minute, sizeof k_minute);
  auto wait = std::async(std::launch::async, [&] {
    char byte = 0;
    return ::recv(near.number(), &byte, 1, 0);
  });
  const auto start_many = [] {
    for (int times = 0; times < 100; ++times) {
      static_cast<void>(run(shell(":")));
    }
  };
  auto others = std::async(std::launch::async, start_many);
  start_many(); // the first thread's blocked signals are what the kernel looks at
  others.get();
  CHECK(wait.wait_for(0s) == std::future_status::timeout);
  REQUIRE(::send(far.number(), "!", 1, MSG_NOSIGNAL) == 1);
  CHECK(wait.get() == 1);
}

TEST_CASE("a command's output, exit code and last lines are told") {
  const Outcome outcome = run(shell("echo out; echo err >&2; exit 3"));
  CHECK(outcome.exit_code == 3);
  CHECK_FALSE(outcome.signal);
  CHECK_FALSE(outcome.succeeded());
  CHECK(outcome.output == "out\n");
  CHECK_THAT(outcome.tail, ContainsSubstring("out\n") && ContainsSubstring("err\n"));
  CHECK(outcome.how_it_ended(1s) == "exited with 3");
}

TEST_CASE("a command that a signal ended has not exited") {
  const Outcome outcome = run(shell("kill -KILL $$"));
  CHECK(outcome.signal == SIGKILL);
  CHECK_FALSE(outcome.succeeded());
  CHECK(outcome.how_it_ended(1s) == "was killed by signal 9 (Killed)");
}

TEST_CASE("arguments, input, directory and environment reach the command as they are") {
  const TempFolder folder;
  Command command = shell(R"(printf '%s|' "$0" "$1"; cat; pwd; env | sort)");
  command.arguments.insert(command.arguments.end(), {"a b", "$(c)\n"});
  command.input = "given\n";
  command.directory = folder.path();
  command.environment["EMPTY"] = "";
  const Outcome outcome = run(command);
  CHECK_THAT(outcome.output, ContainsSubstring("a b|$(c)\n|given\n" + folder.path().string() + "\n"));
  CHECK_THAT(outcome.output, ContainsSubstring("EMPTY=\n") && !ContainsSubstring("HOME="));
}

TEST_CASE("an input larger than a pipe holds is no trouble, read or not") {
  Command command = shell("wc -c");
  command.input.assign(300'000, 'x');
  CHECK(run(command).output == "300000\n");
  command.arguments.back() = "exit 0";
  CHECK(run(command).succeeded());
}

TEST_CASE("a command past its deadline is ended with all of its group") {
  Command command = shell("trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000");
  command.deadline = 100ms;
  const Outcome outcome = run(command);
  CHECK(outcome.timed_out);
  CHECK_FALSE(outcome.succeeded());
  CHECK(outcome.how_it_ended(command.deadline) == "did not end within 100ms");
  wait_until([&] { return is_gone(outcome.output); }, 5s, "the grandchild's end");
}

TEST_CASE("a command may tidy up when its deadline ends it") {
  Command command = shell("trap 'echo tidied; exit 7' TERM; sleep 1000 & wait");
  command.deadline = 100ms;
  const Outcome outcome = run(command);
  CHECK(outcome.timed_out);
  CHECK(outcome.output == "tidied\n");
}

TEST_CASE("what a command leaves behind neither holds us up nor stays") {
  Command command = shell("sleep 1000 & echo $!");
  const Outcome outcome = run(command);
  CHECK(outcome.succeeded());
  wait_until([&] { return is_gone(outcome.output); }, 5s, "the grandchild's end");
}

TEST_CASE("a helper that left the group and floods our pipe does not hold us up") {
  const Outcome outcome = run(shell("setsid sh -c 'echo $$; exec yes' & sleep 0.1"));
  CHECK(outcome.succeeded());
  const std::string pid = outcome.output.substr(0, outcome.output.find('\n'));
  wait_until([&] { return is_gone(pid); }, 5s, "the helper's broken pipe");
}

TEST_CASE("all output is told as it comes, and only its ends are kept") {
  std::size_t told = 0;
  Command command = shell("yes 0123456789abcde | head -c 3000000; echo end");
  command.on_output = [&](std::string_view text) { told += text.size(); };
  const Outcome outcome = run(command);
  CHECK(told == 3'000'004);
  CHECK(outcome.output.size() == std::size_t{1} << 20U);
  CHECK(outcome.tail.size() <= 8192);
  CHECK_THAT(outcome.tail, Catch::Matchers::StartsWith("0123456789abcde\n") && Catch::Matchers::EndsWith("\nend\n"));
}

TEST_CASE("an exception in the listener ends the command and gets through") {
  Command command = shell("echo $$; sleep 1000");
  std::string pid;
  command.on_output = [&](std::string_view text) {
    pid = text;
    throw std::runtime_error("enough");
  };
  CHECK_THROWS_WITH(run(command), "enough");
  CHECK(is_gone(pid));
}

TEST_CASE("a child gets default signals and an empty mask whatever we have") {
  const Disposition ignored_pipe(SIGPIPE, SIG_IGN);
  sigset_t blocked{};
  sigset_t before{};
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const std::string masks = output_of("grep -E 'Sig(Blk|Ign)' /proc/self/status");
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(masks == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("the exit code is known though the caller ignores SIGCHLD") {
  const Disposition ignored(SIGCHLD, SIG_IGN);
  CHECK(run(shell("exit 5")).exit_code == 5);
}

TEST_CASE("a child inherits no descriptor but its three streams") {
  const TempFolder folder;
  const int low = ::open(folder.path().c_str(), O_RDONLY);
  const int high = ::fcntl(low, F_DUPFD, 200);
  const std::string open = output_of("for d in /proc/$$/fd/*; do readlink $d; done");
  ::close(low);
  ::close(high);
  CHECK_THAT(open, !ContainsSubstring(folder.path().string()));
  CHECK(std::count(open.begin(), open.end(), '\n') == 3);
}

TEST_CASE("a program that cannot be started is an error in words, and leaves no zombie") {
  const TempFolder folder;
  Command command = shell("");
  const auto start = [&](const std::string& program) {
    command.arguments.front() = program;
    return run(command);
  };
  std::ofstream(folder.path() / "plain") << "text";
  CHECK_THROWS_WITH(start("no-such-program"), "cannot start 'no-such-program': there is no such program in PATH");
  CHECK_THROWS_WITH(start("/no/such"), "cannot start '/no/such': no such file or directory");
  CHECK_THROWS_WITH(start((folder.path() / "plain").string()), ContainsSubstring("plain': permission denied"));
  CHECK_THROWS_WITH(start(""), ContainsSubstring("without a name"));
  command.directory = "/no/folder";
  CHECK_THROWS_WITH(start("sh"), "cannot start 'sh' in '/no/folder': no such file or directory");
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a child that cannot be started does not run our exit handlers") {
  const TempFolder folder;
  const std::string mark = (folder.path() / "mark").string();
  static const char* path = nullptr;
  path = mark.c_str();
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::atexit([] { ::close(::open(path, O_WRONLY | O_CREAT, 0600)); });
    Command command = shell("");
    command.arguments.front() = "/no/such";
    try {
      static_cast<void>(run(command));
    } catch (const Error&) {
      ::_exit(42);
    }
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK(WEXITSTATUS(status) == 42);
  CHECK_FALSE(std::filesystem::exists(mark));
}

TEST_CASE("run_or_throw tells how it ended and the last lines, made safe") {
  CHECK(run_or_throw(shell("echo fine")).output == "fine\n");
  CHECK_THROWS_WITH(run_or_throw(shell("printf 'no \\033[31mway\\n'; exit 2")), "'sh' exited with 2: no ?[31mway");
  CHECK_THROWS_WITH(run_or_throw(shell("echo a; echo b; exit 2")), "'sh' exited with 2:\na\nb");
  CHECK_THROWS_WITH(run_or_throw(shell("exit 2")), "'sh' exited with 2");
}

TEST_CASE("a clean environment has nothing of git's") {
  ::setenv("GIT_DIR", "/somewhere", 1);
  ::setenv("TEALHOOK_TEST", "a=b", 1);
  const Environment environment = clean_environment();
  ::unsetenv("GIT_DIR");
  CHECK(environment.count("GIT_DIR") == 0);
  CHECK(environment.at("TEALHOOK_TEST") == "a=b");
}

TEST_CASE("a command that is interrupted is ended at once with all that it started") {
  std::stop_source interrupt;
  Command command = shell("sleep 300 & echo $!; wait");
  command.deadline = 200s;
  command.interrupt = interrupt.get_token();
  command.on_output = [&](std::string_view) { interrupt.request_stop(); };
  const Outcome outcome = run(command);
  CHECK(outcome.interrupted);
  CHECK_FALSE(outcome.timed_out);
  CHECK_FALSE(outcome.succeeded());
  CHECK(outcome.how_it_ended(1s) == "was cancelled");
  wait_until([&] { return is_gone(outcome.output); }, 5s, "the grandchild's end");
}

TEST_CASE("a command whose interrupt came before it began is ended too") {
  std::stop_source interrupt;
  interrupt.request_stop();
  Command command = shell("sleep 300");
  command.deadline = 200s;
  command.interrupt = interrupt.get_token();
  CHECK(run(command).interrupted);
}
