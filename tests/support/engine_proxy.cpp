#include "support/engine_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace teal {

namespace {

constexpr const char* k_engine_socket = "/var/run/docker.sock";
constexpr int k_stop_interval_ms = 20;

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

template <class Call>
Descriptor open_socket(const std::filesystem::path& path, Call call) {
  Descriptor opened(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(path);
  if (!opened || call(opened.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot open a socket at " + path.string());
  }
  return opened;
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

/// What there is to read; empty at the end of the stream.
std::string_view read_some(const Descriptor& from, std::array<char, 65536>& buffer) {
  const ssize_t count = ::read(from.number(), buffer.data(), buffer.size());
  return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

} // namespace

EngineProxy::EngineProxy() : m_listener(open_socket(m_socket, ::bind)) {
  if (::listen(m_listener.number(), 64) != 0) {
    throw std::runtime_error("cannot listen at " + m_socket.string());
  }
  m_acceptor = std::jthread([this](const std::stop_token& stop) { accept_clients(stop); });
}

void EngineProxy::interrupt(std::function<bool(std::string_view)> is_meant, Moment moment, std::function<void()> action,
                            int times) {
  const std::lock_guard lock(m_mutex);
  m_interruption = {std::move(is_meant), moment, std::move(action), times};
}

int EngineProxy::pending() const {
  const std::lock_guard lock(m_mutex);
  return m_interruption.times;
}

void EngineProxy::accept_clients(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd news{m_listener.number(), POLLIN, 0};
    if (::poll(&news, 1, k_stop_interval_ms) > 0) {
      m_relays.emplace_back([this, client = Descriptor(::accept4(m_listener.number(), nullptr, nullptr, SOCK_CLOEXEC))](
                                const std::stop_token& relay_stop) { relay(relay_stop, client); });
    }
  }
}

void EngineProxy::relay(const std::stop_token& stop, const Descriptor& client) {
  const Descriptor engine = open_socket(k_engine_socket, ::connect);
  std::array<char, 65536> buffer{};
  std::array<pollfd, 2> news{pollfd{client.number(), POLLIN, 0}, pollfd{engine.number(), POLLIN, 0}};
  Verdict verdict = Verdict::pass;
  while (!stop.stop_requested()) {
    if (::poll(news.data(), news.size(), k_stop_interval_ms) <= 0) {
      continue;
    }
    if (news[0].revents != 0) {
      const std::string_view request = read_some(client, buffer);
      verdict = verdict == Verdict::pass ? judge(request) : verdict;
      if (verdict == Verdict::interrupt_now) {
        call_action();
        return;
      }
      if (request.empty()) {
        ::shutdown(engine.number(), SHUT_WR);
        news[0].fd = -1;
      } else if (!write_all(engine, request)) {
        return;
      }
    }
    if (news[1].revents != 0) {
      const std::string_view answer = read_some(engine, buffer);
      if (verdict == Verdict::interrupt_at_answer) {
        call_action();
        return;
      }
      if (answer.empty() || !write_all(client, answer)) {
        return;
      }
    }
  }
}

EngineProxy::Verdict EngineProxy::judge(std::string_view request) {
  const std::lock_guard lock(m_mutex);
  const std::string_view line = request.substr(0, request.find("\r\n"));
  if (m_interruption.times == 0 || !m_interruption.is_meant(line)) {
    return Verdict::pass;
  }
  --m_interruption.times;
  return m_interruption.moment == Moment::before ? Verdict::interrupt_now : Verdict::interrupt_at_answer;
}

void EngineProxy::call_action() const {
  std::function<void()> action;
  {
    const std::lock_guard lock(m_mutex);
    action = m_interruption.action;
  }
  action();
}

} // namespace teal
