#include "support/fault_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <regex>
#include <stdexcept>

namespace teal {

namespace {

constexpr int k_stop_interval_ms = 20;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address address_of(const FaultProxy::Place& place) {
  Address address;
  if (const auto* path = std::get_if<std::filesystem::path>(&place)) {
    auto& local = reinterpret_cast<sockaddr_un&>(address.storage);
    local.sun_family = AF_UNIX;
    path->string().copy(local.sun_path, sizeof local.sun_path - 1);
    address.size = sizeof local;
  } else {
    const auto& [host, port] = std::get<std::pair<std::string, std::uint16_t>>(place);
    auto& remote = reinterpret_cast<sockaddr_in&>(address.storage);
    remote.sin_family = AF_INET;
    remote.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &remote.sin_addr);
    address.size = sizeof remote;
  }
  return address;
}

Descriptor socket_for(const Address& address) {
  return Descriptor(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

Descriptor listen_at(const FaultProxy::Place& place) {
  const Address address = address_of(place);
  Descriptor listener = socket_for(address);
  const int yes = 1;
  ::setsockopt(listener.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener.number(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(listener.number(), 64) != 0) {
    throw std::runtime_error("a fault proxy cannot listen");
  }
  return listener;
}

bool write_all(const Descriptor& to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::send(to.number(), text.data(), text.size(), MSG_NOSIGNAL);
    if (written <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// "POST /v1.41/build?x" where that is how the text begins.
std::optional<std::string> request_line(std::string_view text) {
  static const std::regex k_line(R"(^([A-Z]+ /\S*) HTTP/1\.[01]\r)");
  std::match_results<std::string_view::const_iterator> parts;
  const std::string_view head = text.substr(0, 4096);
  return std::regex_search(head.begin(), head.end(), parts, k_line) ? std::optional(parts[1].str()) : std::nullopt;
}

std::string answer(int status, std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\nConnection: close\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

bool reaches_server(Fault::Mode mode) {
  return mode == Fault::Mode::cut || mode == Fault::Mode::lose || mode == Fault::Mode::act_last;
}

} // namespace

/// One client's connection and its own to the server.
class FaultProxy::Relay {
public:
  Relay(FaultProxy& proxy, Descriptor client) : m_proxy(proxy), m_client(std::move(client)) {}

  void run(const std::stop_token& stop) {
    const Address address = address_of(m_proxy.m_server);
    m_server = socket_for(address);
    // A server that is away closes, as it does with nobody in between; its absence is no call.
    if (::connect(m_server.number(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
      return;
    }
    std::array<pollfd, 2> news{pollfd{m_client.number(), POLLIN, 0}, pollfd{m_server.number(), POLLIN, 0}};
    while (!stop.stop_requested()) {
      if (::poll(news.data(), news.size(), k_stop_interval_ms) <= 0) {
        continue;
      }
      if (news[0].revents != 0 && !pass_request(stop, news[0])) {
        return;
      }
      if (news[1].revents != 0 && !pass_answer()) {
        return;
      }
    }
  }

private:
  bool pass_request(const std::stop_token& stop, pollfd& news) {
    const std::string_view text = read_some(m_client);
    if (text.empty()) {
      ::shutdown(m_server.number(), SHUT_WR);
      news.fd = -1;
      return true;
    }
    if (const auto line = request_line(text); line && !m_fault) {
      m_arming = m_proxy.m_arming;
      m_fault = m_proxy.judge(*line);
      if (m_fault && !reaches_server(m_fault->mode)) {
        befall(stop);
        if (m_fault->mode != Fault::Mode::act_first || client_is_gone()) {
          return false;
        }
        m_fault.reset();
      }
    }
    return write_all(m_server, text);
  }

  bool pass_answer() {
    const std::string_view text = read_some(m_server);
    if (!m_fault) {
      return !text.empty() && write_all(m_client, text);
    }
    if (m_fault->mode == Fault::Mode::act_last) {
      m_fault->action();
      m_fault.reset();
      return !client_is_gone() && write_all(m_client, text);
    }
    if (m_fault->mode == Fault::Mode::cut) {
      write_all(m_client, text.substr(0, text.size() / 2));
    }
    return false;
  }

  void befall(const std::stop_token& stop) {
    switch (m_fault->mode) {
    case Fault::Mode::fail:
      say(stop, answer(m_fault->status, R"({"message": "a fault of the test's making"})"));
      break;
    case Fault::Mode::garbage:
      say(stop, "SSH-2.0-OpenSSH_9.2p1\r\n");
      break;
    case Fault::Mode::nonsense:
      say(stop, answer(200, "<html>this is no engine</html>"));
      break;
    case Fault::Mode::hang:
      await_end(stop);
      break;
    case Fault::Mode::act_first:
      m_fault->action();
      break;
    default:
      break;
    }
  }

  [[nodiscard]] bool client_is_gone() const {
    pollfd news{m_client.number(), POLLRDHUP, 0};
    return ::poll(&news, 1, 0) > 0;
  }

  /// What is still being sent is read, or the answer would be lost with it.
  void say(const std::stop_token& stop, const std::string& text) {
    write_all(m_client, text);
    ::shutdown(m_client.number(), SHUT_WR);
    await_end(stop);
  }

  /// Of the client or of the fault: an engine cannot give up some requests that it made itself.
  void await_end(const std::stop_token& stop) {
    pollfd news{m_client.number(), POLLIN, 0};
    while (!stop.stop_requested() && m_proxy.m_arming == m_arming) {
      if (::poll(&news, 1, k_stop_interval_ms) > 0 && read_some(m_client).empty()) {
        return;
      }
    }
  }

  /// What there is to read; empty at the end of the stream.
  std::string_view read_some(const Descriptor& from) {
    const ssize_t count = ::read(from.number(), m_buffer.data(), m_buffer.size());
    return {m_buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

  FaultProxy& m_proxy;
  Descriptor m_client;
  Descriptor m_server;
  std::optional<Fault> m_fault;
  int m_arming = 0;
  std::array<char, 65536> m_buffer{};
};

FaultProxy::FaultProxy(Place listen, Place server) : m_server(std::move(server)), m_listener(listen_at(listen)) {
  m_acceptor = std::jthread([this](const std::stop_token& stop) { accept_clients(stop); });
}

void FaultProxy::arm(int nth, Fault fault, std::function<bool(std::string_view)> is_meant) {
  const std::lock_guard lock(m_mutex);
  ++m_arming;
  m_nth = nth;
  m_fault = std::move(fault);
  m_is_meant = std::move(is_meant);
  m_calls.clear();
  m_meant = 0;
  m_victim.reset();
}

void FaultProxy::disarm() {
  arm(0, {});
}

std::vector<std::string> FaultProxy::calls() const {
  const std::lock_guard lock(m_mutex);
  return m_calls;
}

std::optional<std::string> FaultProxy::victim() const {
  const std::lock_guard lock(m_mutex);
  return m_victim;
}

std::optional<Fault> FaultProxy::judge(std::string_view line) {
  const std::lock_guard lock(m_mutex);
  m_calls.emplace_back(line);
  if (m_nth == 0 || (m_is_meant && !m_is_meant(line)) || ++m_meant != m_nth) {
    return std::nullopt;
  }
  m_victim = m_calls.back();
  return m_fault;
}

void FaultProxy::accept_clients(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd news{m_listener.number(), POLLIN, 0};
    if (::poll(&news, 1, k_stop_interval_ms) <= 0) {
      continue;
    }
    std::erase_if(m_relays, [](const RelayThread& relay) { return relay.is_over->load(); });
    auto is_over = std::make_shared<std::atomic<bool>>(false);
    const int client = ::accept4(m_listener.number(), nullptr, nullptr, SOCK_CLOEXEC);
    m_relays.push_back({is_over, std::jthread([this, client, is_over](const std::stop_token& relay_stop) {
                          Relay(*this, Descriptor(client)).run(relay_stop);
                          *is_over = true;
                        })});
  }
}

} // namespace teal
