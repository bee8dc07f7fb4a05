/// @file
/// Sends signed pushes of 4 kB, as GitHub does, by kept connections, as fast as they are answered:
///
///     deliveries PORT PATH SECRET CONNECTIONS SECONDS IDLE
///
/// beside IDLE connections that have sent half of a request's head, and prints "rate N p50 MS p99 MS failed N".
#include "http/hmac.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view k_id_mark = "X-GitHub-Delivery: ";
constexpr std::size_t k_id_digits = 16;
constexpr std::size_t k_payload = 4096;

std::string payload() {
  std::string text = R"({"ref":"refs/heads/main","before":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",)"
                     R"("after":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","repository":{"full_name":"ada/shop",)"
                     R"("clone_url":"https://github.com/ada/shop.git"},"pusher":{"name":"ada"},"commits":[)";
  const std::string commit = R"({"id":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","message":"Fix login",)"
                             R"("added":[],"modified":["web/login.cpp"],"removed":[]})";
  for (text += commit; text.size() + commit.size() + 3 < k_payload;) {
    text += "," + commit;
  }
  return text + "]}";
}

std::string request_to(const std::string& path, const std::string& secret) {
  const std::string body = payload();
  return "POST " + path + " HTTP/1.1\r\nHost: hooks\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\n" +
         std::string(k_id_mark) + std::string(k_id_digits, '0') +
         "\r\nX-Hub-Signature-256: sha256=" + teal::http::hmac_hex(teal::http::Hash::sha256, secret, body) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  return descriptor;
}

struct Sender {
  int descriptor;
  std::string received;
  Clock::time_point sent;
};

class Bench {
public:
  Bench(std::uint16_t port, std::string request, std::size_t connections)
      : m_request(std::move(request)), m_id(m_request.find(k_id_mark) + k_id_mark.size()),
        m_next(static_cast<std::uint64_t>(Clock::now().time_since_epoch().count()) % 1'000'000'000'000ULL * 1000) {
    for (std::size_t i = 0; i < connections; ++i) {
      m_senders.push_back({connect_to(port), {}, {}});
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_senders.back().descriptor, &event);
    }
  }

  void run(std::chrono::seconds time) {
    const auto start = Clock::now();
    for (Sender& sender : m_senders) {
      send(sender);
    }
    std::array<epoll_event, 64> events{};
    while (Clock::now() < start + time) {
      const int count = ::epoll_wait(m_epoll, events.data(), events.size(), 100);
      for (int i = 0; i < count; ++i) {
        receive(m_senders[events[static_cast<std::size_t>(i)].data.u64]);
      }
    }
    report(std::chrono::duration<double>(Clock::now() - start).count());
  }

private:
  void send(Sender& sender) {
    std::string id = std::to_string(m_next++);
    id.insert(0, k_id_digits - std::min(k_id_digits, id.size()), '0');
    m_request.replace(m_id, k_id_digits, id, 0, k_id_digits);
    sender.sent = Clock::now();
    if (::send(sender.descriptor, m_request.data(), m_request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(m_request.size())) {
      std::perror("send");
      std::exit(1);
    }
  }

  void receive(Sender& sender) {
    std::array<char, 4096> bytes{};
    const ssize_t size = ::recv(sender.descriptor, bytes.data(), bytes.size(), 0);
    if (size <= 0) {
      std::fprintf(stderr, "a connection was closed; it had sent: %s\n", sender.received.c_str());
      std::exit(1);
    }
    sender.received.append(bytes.data(), static_cast<std::size_t>(size));
    const std::size_t head = sender.received.find("\r\n\r\n");
    const std::size_t mark = sender.received.find("Content-Length: ");
    if (head == std::string::npos || mark > head ||
        sender.received.size() < head + 4 + std::strtoul(sender.received.c_str() + mark + 16, nullptr, 10)) {
      return;
    }
    const std::string_view status = std::string_view(sender.received).substr(9, 3);
    if (status == "202" || status == "200") {
      m_latencies.push_back(std::chrono::duration<float, std::milli>(Clock::now() - sender.sent).count());
    } else {
      ++m_failed;
    }
    sender.received.clear();
    send(sender);
  }

  void report(double seconds) {
    if (m_latencies.empty()) {
      std::puts("nothing was answered");
      std::exit(1);
    }
    std::sort(m_latencies.begin(), m_latencies.end());
    const auto at = [&](double share) {
      return static_cast<double>(
          m_latencies[static_cast<std::size_t>(share * static_cast<double>(m_latencies.size() - 1))]);
    };
    std::printf("rate %.0f p50 %.1f p99 %.1f failed %zu\n", static_cast<double>(m_latencies.size()) / seconds, at(0.5),
                at(0.99), m_failed);
  }

  std::string m_request;
  std::size_t m_id;
  std::uint64_t m_next;
  int m_epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Sender> m_senders;
  std::vector<float> m_latencies;
  std::size_t m_failed = 0;
};

} // namespace

int main(int count, char** arguments) {
  if (count != 7) {
    std::fputs("usage: deliveries PORT PATH SECRET CONNECTIONS SECONDS IDLE\n", stderr);
    return 2;
  }
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const auto port = static_cast<std::uint16_t>(std::strtoul(arguments[1], nullptr, 10));
  const std::string half = std::string("POST ") + arguments[2] + " HTTP/1.1\r\nHost: ho";
  for (unsigned long i = 0; i < std::strtoul(arguments[6], nullptr, 10); ++i) {
    static_cast<void>(::send(connect_to(port), half.data(), half.size(), MSG_NOSIGNAL));
  }
  Bench bench(port, request_to(arguments[2], arguments[3]), std::strtoul(arguments[4], nullptr, 10));
  bench.run(std::chrono::seconds(std::strtol(arguments[5], nullptr, 10)));
  return 0;
}
