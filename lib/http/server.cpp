#include "http/server.hpp"

#include "http/acceptor.hpp"
#include "http/server_core.hpp"
#include "http/tls_identity.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>

#include <condition_variable>
#include <csignal>
#include <list>
#include <mutex>
#include <thread>

namespace teal::http {

namespace {

/// Threads begun within its scope get no signals: those are for the thread that waits for them, and a write to a
/// connection that is gone is an error, not a SIGPIPE.
class SignalsBlocked {
public:
  SignalsBlocked() {
    sigset_t all{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &m_before);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }

private:
  sigset_t m_before{};
};

} // namespace

struct Server::Parts {
  Parts(ServerSettings settings, Handler& handler);
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts();

  void run();
  bool stop(Milliseconds patience);
  void end();

  std::optional<SignalsBlocked> quiet{std::in_place}; ///< until all threads run
  ServerCore core;
  std::optional<TlsIdentity> tls;
  std::list<Acceptor> acceptors;
  std::vector<ListenAddress> addresses;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{core.io.get_executor()};
  std::mutex mutex; // of is_drained
  std::condition_variable changed;
  bool is_drained = false;
  bool is_stopped = false;
  std::thread thread;
};

Server::Parts::Parts(ServerSettings settings, Handler& handler) : core(std::move(settings), handler) {
  if (core.settings.tls) {
    tls.emplace(*core.settings.tls);
  }
  for (const ListenAddress& address : core.settings.listen) {
    addresses.push_back(acceptors.emplace_back(core, tls ? &*tls : nullptr, address).address());
  }
  core.on_leave = [this] {
    if (core.is_draining && core.is_drained()) {
      const std::lock_guard guard(mutex);
      is_drained = true;
      changed.notify_all();
    }
  };
  for (Acceptor& acceptor : acceptors) {
    acceptor.start();
  }
  thread = std::thread([this] { run(); });
  quiet.reset();
}

Server::Parts::~Parts() {
  end();
}

void Server::Parts::run() {
  for (;;) {
    try {
      core.io.run();
      return;
    } catch (const std::exception& error) { // of one handler of Asio's; the others go on
      core.settings.report(fmt::format("the server goes on after: {}", error.what()));
    }
  }
}

bool Server::Parts::stop(Milliseconds patience) {
  if (is_stopped) {
    return true;
  }
  boost::asio::post(core.io, [this] {
    for (Acceptor& acceptor : acceptors) {
      acceptor.stop();
    }
    boost::asio::post(core.io, [this] { core.drain(); }); // after those whose acceptance is on its way to us
  });
  bool finished = false;
  {
    std::unique_lock lock(mutex);
    finished = changed.wait_for(lock, patience, [this] { return is_drained; });
  }
  end();
  return finished;
}

/// The thread first, then what it would have used.
void Server::Parts::end() {
  if (std::exchange(is_stopped, true)) {
    return;
  }
  core.io.stop();
  thread.join();
  core.on_leave = [] {};
  for (Acceptor& acceptor : acceptors) {
    acceptor.close();
  }
  core.close_all();
  core.pool.join();
  core.mailbox->close();
  work.reset();
  core.io.restart();
  core.io.poll(); // what was posted meanwhile learns that its connection is gone
  core.close_all();
}

Server::Server(ServerSettings settings, Handler& handler)
    : m_parts(std::make_unique<Parts>(std::move(settings), handler)) {}

Server::~Server() = default;

const std::vector<ListenAddress>& Server::addresses() const {
  return m_parts->addresses;
}

ServerCounts Server::counts() const {
  const ServerCore& core = m_parts->core;
  return {
      .connections = core.connections, .requests = core.requests, .streams = core.streams, .answered = core.answered};
}

void Server::reload_certificate() {
  if (m_parts->tls) {
    m_parts->tls->reload();
  }
}

bool Server::stop(Milliseconds patience) {
  return m_parts->stop(patience);
}

} // namespace teal::http
