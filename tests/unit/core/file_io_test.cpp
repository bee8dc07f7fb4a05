#include "core/error.hpp"
#include "core/file_io.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

using namespace teal;

namespace {

/// Interrupts system calls, and does nothing.
class Interruptions {
public:
  Interruptions() {
    struct sigaction action {};
    action.sa_handler = [](int /*signal*/) {};
    ::sigaction(SIGUSR1, &action, &m_before); // without SA_RESTART
  }
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
  ~Interruptions() { ::sigaction(SIGUSR1, &m_before, nullptr); }

private:
  struct sigaction m_before {};
};

bool is_closed_on_exec(const Descriptor& descriptor) {
  return (::fcntl(descriptor.number(), F_GETFD) & FD_CLOEXEC) != 0;
}

} // namespace

TEST_CASE("what a system call returned as a standard stream is lifted above them") {
  const int saved = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  ::close(STDIN_FILENO);
  const int lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const Descriptor owned = own(lowest, "open");
  const bool is_free = ::fcntl(STDIN_FILENO, F_GETFD) == -1;
  if (saved >= 0) {
    ::dup2(saved, STDIN_FILENO);
    ::close(saved);
  }
  CHECK(lowest == STDIN_FILENO);
  CHECK(owned.number() > STDERR_FILENO);
  CHECK(is_closed_on_exec(owned));
  CHECK(is_free);
}

TEST_CASE("a file that cannot be opened is told with what was to be done and why not") {
  const TempFolder folder;
  CHECK_THROWS_WITH(open_file(folder.path() / "none", O_RDONLY, "read 'none'"),
                    "cannot read 'none': no such file or directory");
  const Descriptor made = open_file(folder.path() / "made", O_WRONLY | O_CREAT, "write 'made'", 0600);
  struct stat status {};
  REQUIRE(::fstat(made.number(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  CHECK(is_closed_on_exec(made));
}

TEST_CASE("all is written and read whatever signals come meanwhile and however little there is room for") {
  const Interruptions interruptions;
  const Pipe pipe = open_pipe();
  std::string sent(std::size_t{1} << 20U, '\0'); // more than a pipe holds
  for (std::size_t i = 0; i < sent.size(); ++i) {
    sent[i] = static_cast<char>(i * 31 / 7);
  }
  std::atomic<bool> is_written = false;
  std::thread writer([&] { is_written = write_all(pipe.write_end.number(), sent.data(), sent.size()); });
  std::string received;
  std::array<char, 5000> piece{};
  while (received.size() < sent.size()) {
    ::pthread_kill(writer.native_handle(), SIGUSR1);
    const ssize_t count = read_some(pipe.read_end.number(), piece.data(), piece.size());
    if (count <= 0) {
      break;
    }
    received.append(piece.data(), static_cast<std::size_t>(count));
  }
  writer.join();
  CHECK(is_written);
  CHECK(received == sent);
}

TEST_CASE("a read that a signal interrupts is begun again") {
  const Interruptions interruptions;
  const Pipe pipe = open_pipe();
  std::array<char, 8> piece{};
  std::atomic<ssize_t> count = -2;
  std::thread reader([&] { count = read_some(pipe.read_end.number(), piece.data(), piece.size()); });
  for (int i = 0; i < 50; ++i) {
    ::pthread_kill(reader.native_handle(), SIGUSR1);
    std::this_thread::yield();
  }
  REQUIRE(write_all(pipe.write_end.number(), "hi", 2));
  reader.join();
  CHECK(count == 2);
}

TEST_CASE("what nobody can read any more is not written and errno says why") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe = open_pipe();
  pipe.read_end = Descriptor();
  const bool is_written = write_all(pipe.write_end.number(), "hi", 2);
  const int reason = errno;
  std::signal(SIGPIPE, before);
  CHECK_FALSE(is_written);
  CHECK(reason == EPIPE);
}
