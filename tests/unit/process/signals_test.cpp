#include "process/signals.hpp"
#include "support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

using namespace teal;

namespace {

void ignore_nothing(int /*signal*/) {}

/// A process that has set itself up as `prepare` says, and then waits to be killed.
class Waiting {
public:
  explicit Waiting(void (*prepare)()) {
    std::array<int, 2> ready{};
    REQUIRE(::pipe(ready.data()) == 0);
    m_pid = ::fork();
    if (m_pid == 0) {
      prepare();
      ::close(ready[1]);
      for (;;) {
        ::pause();
      }
    }
    ::close(ready[1]);
    char nothing = 0;
    CHECK(::read(ready[0], &nothing, 1) == 0);
    ::close(ready[0]);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return m_pid; }

private:
  pid_t m_pid = 0;
};

void by_default() {
  std::signal(SIGTERM, SIG_DFL);
}
void ignored() {
  std::signal(SIGTERM, SIG_IGN);
}
void caught() {
  std::signal(SIGTERM, ignore_nothing);
}
void blocked() {
  std::signal(SIGTERM, SIG_DFL);
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

} // namespace

TEST_CASE("a process handles a signal that it catches or blocks, and none that it leaves alone or ignores") {
  CHECK(handles_signal(Waiting(caught).pid(), SIGTERM) == true);
  CHECK(handles_signal(Waiting(blocked).pid(), SIGTERM) == true);
  CHECK(handles_signal(Waiting(by_default).pid(), SIGTERM) == false);
  CHECK(handles_signal(Waiting(ignored).pid(), SIGTERM) == false);
}

TEST_CASE("a process that catches one signal does not handle another") {
  CHECK(handles_signal(Waiting(caught).pid(), SIGUSR2) == false);
}

TEST_CASE("nothing is known of a process that is not there") {
  CHECK_FALSE(handles_signal(-1, SIGTERM));
}

TEST_CASE("signals are known by name, short name and number") {
  CHECK(parse_signal("SIGTERM") == SIGTERM);
  CHECK(parse_signal("QUIT") == SIGQUIT);
  CHECK(parse_signal("15") == SIGTERM);
  CHECK(parse_signal("SIGWINCH") == SIGWINCH);
}

TEST_CASE("what is no signal has no number") {
  for (const char* text : {"", "SIG", "TERMINATE", "0", "-1", "65", "9999", "term"}) {
    INFO(text);
    CHECK_FALSE(parse_signal(text));
  }
}
