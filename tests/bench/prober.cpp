/// @file
/// Runs a command that deploys, and meanwhile asks a port for its page every 5 ms, each time by a connection of its
/// own:
///
///     prober [--every MILLISECONDS] PORT TEXT COMMAND...
///
/// prints, in milliseconds after the command's start, when the page first had TEXT in it and when the command ended;
/// then how long the page was away (from the first failing request's start to the last one's), how many requests
/// failed, how many of these were reset, and of how many: "serving 612 returned 655 away 113 failed 21 reset 4 of 190".
/// The command's own output goes to standard error.
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr long k_default_pause = 5; // milliseconds
constexpr milliseconds k_request_deadline{2000};
/// Asked on after the new page was seen and the command has ended, for what may yet go away.
constexpr milliseconds k_aftermath{300};
/// How long the new page may take to come once the command has ended.
constexpr milliseconds k_patience{20'000};

struct Request {
  Clock::time_point sent;
  std::string answer;
};

struct Findings {
  std::optional<Clock::time_point> first_expected;
  std::optional<Clock::time_point> first_failed; ///< by when they were sent
  std::optional<Clock::time_point> last_failed;
  int failed = 0;
  int reset = 0;
  int requests = 0;
};

/// Requests under way. None waits for another: a slow answer delays nothing but itself.
class Prober {
public:
  Prober(std::uint16_t port, std::string expected) : m_expected(std::move(expected)) {
    m_address.sin_family = AF_INET;
    m_address.sin_port = htons(port);
    m_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober() {
    while (!m_under_way.empty()) {
      forget(m_under_way.begin()->first);
    }
    close(m_epoll);
  }

  void send_request() {
    ++m_findings.requests;
    const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const auto now = Clock::now();
    if (connect(socket_fd, reinterpret_cast<const sockaddr*>(&m_address), sizeof m_address) != 0 &&
        errno != EINPROGRESS) {
      note_failure(now);
      close(socket_fd);
      return;
    }
    m_under_way[socket_fd] = {now, {}};
    m_by_age.push_back({socket_fd, now});
    epoll_event event{.events = EPOLLOUT, .data = {.fd = socket_fd}};
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, socket_fd, &event);
  }

  /// Take in what comes until then.
  void work_until(Clock::time_point end) {
    for (auto now = Clock::now(); now < end; now = Clock::now()) {
      epoll_event events[64];
      const auto left = std::chrono::ceil<milliseconds>(end - now);
      const int ready = epoll_wait(m_epoll, events, std::size(events), static_cast<int>(left.count()));
      for (int i = 0; i < ready; ++i) {
        advance(events[i].data.fd, events[i].events);
      }
      drop_overdue();
    }
  }

  [[nodiscard]] bool idle() const { return m_under_way.empty(); }
  [[nodiscard]] const Findings& findings() const { return m_findings; }

private:
  void advance(int socket_fd, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0U && (events & EPOLLERR) == 0U) {
      constexpr std::string_view k_get = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
      if (send(socket_fd, k_get.data(), k_get.size(), MSG_NOSIGNAL) < 0) {
        finish(socket_fd, false);
        return;
      }
      epoll_event event{.events = EPOLLIN, .data = {.fd = socket_fd}};
      epoll_ctl(m_epoll, EPOLL_CTL_MOD, socket_fd, &event);
      return;
    }
    Request& request = m_under_way.at(socket_fd);
    char buffer[4096];
    const ssize_t length = recv(socket_fd, buffer, sizeof buffer, 0);
    if (length > 0) {
      request.answer.append(buffer, static_cast<std::size_t>(length));
    } else if (length == 0 || errno != EAGAIN) {
      m_findings.reset += length < 0 && errno == ECONNRESET ? 1 : 0;
      const std::string_view answer = request.answer;
      finish(socket_fd, length == 0 && answer.starts_with("HTTP/1.") && answer.substr(8).starts_with(" 200 "));
    }
  }

  void finish(int socket_fd, bool succeeded) {
    const Request& request = m_under_way.at(socket_fd);
    if (!succeeded) {
      note_failure(request.sent);
    } else if (!m_findings.first_expected && request.answer.find(m_expected) != std::string::npos) {
      m_findings.first_expected = Clock::now();
    }
    forget(socket_fd);
  }

  void note_failure(Clock::time_point sent) {
    ++m_findings.failed;
    m_findings.first_failed = std::min(sent, m_findings.first_failed.value_or(sent));
    m_findings.last_failed = std::max(sent, m_findings.last_failed.value_or(sent));
  }

  void forget(int socket_fd) {
    m_under_way.erase(socket_fd);
    close(socket_fd);
  }

  void drop_overdue() {
    const auto overdue = Clock::now() - k_request_deadline;
    for (; !m_by_age.empty() && m_by_age.front().sent < overdue; m_by_age.pop_front()) {
      const auto found = m_under_way.find(m_by_age.front().socket_fd);
      if (found != m_under_way.end() && found->second.sent == m_by_age.front().sent) {
        finish(found->first, false);
      }
    }
  }

  struct Age {
    int socket_fd;
    Clock::time_point sent;
  };

  std::string m_expected;
  sockaddr_in m_address{};
  int m_epoll = epoll_create1(EPOLL_CLOEXEC);
  std::unordered_map<int, Request> m_under_way;
  std::deque<Age> m_by_age;
  Findings m_findings;
};

pid_t start(char** command) {
  const pid_t child = fork();
  if (child == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execvp(command[0], command);
    std::perror(command[0]);
    _exit(127);
  }
  return child;
}

struct Ended {
  Clock::time_point at;
  int status = 0;
};

std::optional<Ended> has_ended(pid_t child) {
  int status = 0;
  return waitpid(child, &status, WNOHANG) == child ? std::optional(Ended{Clock::now(), status}) : std::nullopt;
}

/// Asks until the command has ended and the new page was seen, and a moment longer.
Ended probe(Prober& prober, pid_t child, milliseconds pause) {
  std::optional<Ended> ended;
  for (auto next = Clock::now();; next += pause) {
    prober.send_request();
    prober.work_until(next + pause);
    if (!ended) {
      ended = has_ended(child);
    }
    const auto seen = prober.findings().first_expected;
    const auto patience = seen ? k_aftermath : k_patience;
    if (ended && Clock::now() > std::max(ended->at, seen.value_or(ended->at)) + patience) {
      break;
    }
  }
  while (!prober.idle()) {
    prober.work_until(Clock::now() + pause);
  }
  return *ended;
}

long in_milliseconds(Clock::duration duration) {
  return std::chrono::round<milliseconds>(duration).count();
}

} // namespace

int main(int count, char** arguments) {
  long pause = k_default_pause;
  if (count > 2 && std::string_view(arguments[1]) == "--every") {
    pause = std::strtol(arguments[2], nullptr, 10);
    arguments += 2;
    count -= 2;
  }
  if (count < 4 || pause <= 0) {
    std::fputs("usage: prober [--every MILLISECONDS] PORT TEXT COMMAND...\n", stderr);
    return 2;
  }
  Prober prober(static_cast<std::uint16_t>(std::strtoul(arguments[1], nullptr, 10)), arguments[2]);
  const auto begin = Clock::now();
  const Ended ended = probe(prober, start(arguments + 3), milliseconds(pause));

  const Findings& found = prober.findings();
  if (!found.first_expected) {
    std::fprintf(stderr, "\"%s\" was never served\n", arguments[2]);
    return 1;
  }
  const auto away = found.failed > 0 ? *found.last_failed - *found.first_failed : Clock::duration{};
  std::printf("serving %ld returned %ld away %ld failed %d reset %d of %d\n",
              in_milliseconds(*found.first_expected - begin), in_milliseconds(ended.at - begin), in_milliseconds(away),
              found.failed, found.reset, found.requests);
  return ended.status == 0 ? 0 : 1;
}
