#include "leave_watch.hpp"

#include "core/file_io.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

namespace teal::tool {

namespace {

/// Before any thread begins, so that each has them blocked.
int block_and_open() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    ::sigaddset(&signals, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return ::signalfd(-1, &signals, SFD_CLOEXEC);
}

} // namespace

LeaveWatch::LeaveWatch()
    : m_signals(own(block_and_open(), "wait for signals")), m_end(own(::eventfd(0, EFD_CLOEXEC), "make an event")),
      m_watcher([this](const std::stop_token& stop) { watch(stop); }) {}

void LeaveWatch::watch(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_end.number(), &one, sizeof one);
  });
  std::array<pollfd, 3> watched{pollfd{m_signals.number(), POLLIN, 0}, pollfd{STDOUT_FILENO, 0, 0},
                                pollfd{m_end.number(), POLLIN, 0}};
  while (::poll(watched.data(), watched.size(), -1) < 0) { // EINTR
  }
  if (watched[2].revents == 0) {
    m_interrupted = watched[0].revents != 0;
    m_left.request_stop();
  }
}

} // namespace teal::tool
