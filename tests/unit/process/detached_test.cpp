#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <sys/wait.h>
#include <unistd.h>

using namespace teal;
using namespace std::chrono_literals;

namespace {

Command shell(const std::string& script) {
  Command command;
  command.arguments = {"sh", "-c", script};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  return command;
}

/// A detached process that is not left behind.
class Started {
public:
  explicit Started(const std::string& script, const std::filesystem::path& log = {})
      : m_process(start_detached(shell(script), log)) {}
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started() { end_process(m_process, 0ms); }

  [[nodiscard]] const ProcessId& id() const { return m_process; }

private:
  ProcessId m_process;
};

std::string await_text(const std::filesystem::path& file, const std::string& last_line) {
  std::string text;
  const auto complete = [&] {
    text = std::filesystem::exists(file) ? read_file(file) : "";
    return text.find(last_line + "\n") != std::string::npos;
  };
  wait_until(complete, 10s, last_line);
  return text;
}

} // namespace

TEST_CASE("a detached process has a session of its own and is not our child") {
  const TempFolder folder;
  const Started started("sed 's/.*) //' /proc/$$/stat | cut -d' ' -f2,4; echo done; exec sleep 1000",
                        folder.path() / "log");
  const std::string numbers = await_text(folder.path() / "log", "done");
  CHECK(is_alive(started.id()));
  CHECK(identify(started.id().pid) == started.id());
  CHECK(::waitpid(started.id().pid, nullptr, WNOHANG) == -1);
  const int parent = std::stoi(numbers);
  const int session = std::stoi(numbers.substr(numbers.find(' ')));
  CHECK(parent != ::getpid());
  CHECK(session != ::getsid(0));
}

TEST_CASE("both streams are appended to the log, and no other descriptor is inherited") {
  const TempFolder folder;
  write_file(folder.path() / "log", "before\n");
  const int extra = ::dup2(1, 77);
  const Started started("readlink /proc/$$/fd/0; echo err >&2; ls -m /proc/$$/fd; echo done", folder.path() / "log");
  ::close(extra);
  const std::string log = await_text(folder.path() / "log", "done");
  CHECK(log.substr(0, log.find("done")) == "before\n/dev/null\nerr\n0, 1, 2\n");
}

TEST_CASE("a detached process that cannot be started is an error of the caller") {
  const TempFolder folder;
  const auto plain = folder.path() / "plain";
  write_file(plain, "text");
  Command command = shell("exit 0");
  command.directory = "/no/folder";
  CHECK_THROWS_WITH(start_detached(command), "cannot start 'sh' in '/no/folder': no such file or directory");
  command = shell("");
  command.arguments.front() = plain.string();
  CHECK_THROWS_WITH(start_detached(command), "cannot start '" + plain.string() + "': permission denied");
  CHECK_THROWS_WITH(start_detached(shell(""), "/no/log"), "cannot open log '/no/log': no such file or directory");
}

TEST_CASE("a process that ends at once is identified all the same, and then is not alive") {
  const ProcessId process = start_detached(shell("exit 0"));
  CHECK(process.pid > 0);
  CHECK(process.start_ticks > 0);
  wait_until([&] { return !is_alive(process); }, 10s, "its end");
  CHECK(end_process(process, 0ms));
}

TEST_CASE("a process with the same number but another start is not the one") {
  const ProcessId self = identify(::getpid()).value();
  CHECK(is_alive(self));
  const ProcessId earlier{self.pid, self.start_ticks - 1};
  CHECK_FALSE(is_alive(earlier));
  CHECK(end_process(earlier, 0ms));
  CHECK_FALSE(identify(0x7ffffff0));
}

TEST_CASE("a process is ended with SIGTERM, or SIGKILL where it does not listen") {
  const TempFolder folder;
  const Started polite("trap 'echo bye; exit' TERM; echo ready; while :; do sleep 0.01; done",
                       folder.path() / "polite");
  await_text(folder.path() / "polite", "ready");
  CHECK(end_process(polite.id(), 10s));
  CHECK_FALSE(is_alive(polite.id()));
  CHECK(read_file(folder.path() / "polite") == "ready\nbye\n");

  const Started stubborn("trap '' TERM; echo ready; while :; do sleep 0.01; done", folder.path() / "stubborn");
  await_text(folder.path() / "stubborn", "ready");
  CHECK(end_process(stubborn.id(), 50ms));
  CHECK_FALSE(is_alive(stubborn.id()));
}
