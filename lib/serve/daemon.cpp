#include "serve/daemon.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace teal::serve {

namespace {

constexpr Milliseconds k_patience = std::chrono::seconds(10); ///< for what is under way at the end
constexpr std::size_t k_lanes = 4;
constexpr std::size_t k_most_connections = 10'000;
constexpr rlim_t k_descriptors = 16'384; ///< more would make programs slow that close all of theirs one by one
constexpr std::size_t k_own_descriptors = 256;
constexpr std::size_t k_received = std::size_t{32} << 20U; ///< a whole payload, and some

FileLock lock_home(const Home& home) {
  auto lock = FileLock::try_acquire(home.serve_lock());
  if (!lock) {
    throw Error(ErrorKind::busy, fmt::format("another 'tealhook serve' works for '{}'", home.root.string()));
  }
  return std::move(*lock);
}

/// In this thread, and those that it starts from now on.
sigset_t block_signals() {
  sigset_t signals{};
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    ::sigaddset(&signals, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// What a burst took goes back: few arenas, and large payloads from the system. Before there are threads.
void keep_memory_small() {
  constexpr int k_large = 128 << 10;
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, k_large);
  ::mallopt(M_TRIM_THRESHOLD, k_large);
}

/// Returns how many connections there may be.
std::size_t prepare_process() {
  keep_memory_small();
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, k_descriptors));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t ours = std::min(k_own_descriptors, static_cast<std::size_t>(limit.rlim_cur / 2));
  return std::min(k_most_connections, static_cast<std::size_t>(limit.rlim_cur) - ours);
}

Log::Form form_of(const std::optional<Log::Form>& wanted, const ServerSettings::Serve& settings) {
  return wanted.value_or(settings.log == ServerSettings::Serve::Log::json ? Log::Form::json : Log::Form::text);
}

/// "127.0.0.1:8888" and "[::1]:8888", as the settings allow them.
http::ListenAddress address_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[')) {
    host = host.substr(1, host.size() - 2);
  }
  const auto port = parse_integer(std::string_view(text).substr(colon + 1));
  return {host, static_cast<std::uint16_t>(port.value_or(0))};
}

std::string url_of(const http::Server& server, bool is_tls) {
  const http::ListenAddress& at = server.addresses().front();
  const bool is_ipv6 = at.host.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", is_tls ? "https" : "http", is_ipv6 ? "[" + at.host + "]" : at.host, at.port);
}

bool is_same_place(const ServerSettings::Serve& one, const ServerSettings::Serve& two) {
  return one.listen == two.listen && one.certificate == two.certificate && one.key == two.key;
}

} // namespace

Daemon::Daemon(Options options, const Clock& clock)
    : m_options(std::move(options)), m_lock(lock_home(m_options.home)), m_signals(block_signals()),
      m_connections(prepare_process()), m_settings(load_server_settings(m_options.home).serve),
      m_log(STDERR_FILENO, form_of(m_options.log, m_settings), clock), m_sources(m_options.home, m_log),
      m_metrics(m_options.home.store()),
      m_work({m_options.home, m_options.environment, m_options.installation, clock, m_log, m_metrics}),
      m_lanes(k_lanes,
              [this](const std::string& app, const std::stop_token& end) {
                const auto again = m_work.work_off(app, end);
                ::malloc_trim(0);
                return again;
              }),
      m_journal(m_options.home.store(), [this](const std::string& app) { m_lanes.notice(app); }),
      m_hooks(m_sources, m_journal, clock, m_log),
      m_handler({m_hooks, m_journal, m_metrics, [this] { return counts(); }},
                http::TrustedProxies(m_settings.trusted_proxies)),
      m_server(make_server(m_settings)),
      m_keeper({m_options.home, m_options.environment, m_options.installation, m_log, m_metrics}),
      m_poller({m_options.home, m_options.environment, clock, m_log,
                [this](const std::string& app) { m_lanes.notice(app); }}) {
  m_log.info("listens",
             {{"url", url_of(*m_server, !m_settings.certificate.empty())}, {"home", m_options.home.root.string()}});
  Database database(m_options.home.store());
  for (const std::string& app : Deliveries(database).apps_with_waiting()) {
    m_lanes.notice(app); // what an earlier one had accepted
  }
}

std::unique_ptr<http::Server> Daemon::make_server(const ServerSettings::Serve& serve) {
  http::ServerSettings settings{.listen = {address_of(serve.listen)},
                                .tls = {},
                                .limits = {.connections = m_connections, .received = k_received},
                                .pool_threads = 2,
                                .report = [this](const std::string& what) { m_log.error(what); }};
  if (!serve.certificate.empty()) {
    settings.tls = http::TlsFiles{serve.certificate, serve.key};
  }
  return std::make_unique<http::Server>(std::move(settings), m_handler);
}

http::ServerCounts Daemon::counts() const {
  const std::lock_guard guard(m_mutex);
  return m_server ? m_server->counts() : http::ServerCounts();
}

bool Daemon::run() {
  for (;;) {
    const int signal = ::sigwaitinfo(&m_signals, nullptr);
    if (signal == SIGHUP) {
      reload();
    } else if (signal == SIGTERM || signal == SIGINT) {
      break;
    }
  }
  m_log.info("ends: no more is accepted, and what has begun is answered");
  const bool is_all = m_server->stop(k_patience);
  m_log.info(is_all ? "has ended" : "has ended; what was not answered by now was cut off");
  return is_all;
}

void Daemon::reload() {
  try {
    const ServerSettings::Serve fresh = load_server_settings(m_options.home).serve;
    http::TrustedProxies proxies(fresh.trusted_proxies);
    if (is_same_place(fresh, m_settings)) {
      m_server->reload_certificate();
    } else {
      serve_by(fresh);
    }
    m_handler.trust(std::move(proxies));
    m_log.set_form(form_of(m_options.log, fresh));
    m_settings = fresh;
    m_log.info("the settings were read anew");
  } catch (const Error& error) {
    if (m_is_deaf) {
      m_log.error(fmt::format("nothing listens any more: {}", error.message()));
      throw;
    }
    m_log.error(fmt::format("{}; it goes on with the settings that it had", error.message()));
  }
  m_keeper.look();
  m_poller.look();
}

/// At another address the new one listens before the old one ends; at the same one it cannot.
void Daemon::serve_by(const ServerSettings::Serve& serve) {
  std::unique_ptr<http::Server> fresh;
  if (serve.listen != m_settings.listen) {
    fresh = make_server(serve);
  } else {
    if (!serve.certificate.empty()) {
      static_cast<void>(
          http::Server({.listen = {}, .tls = http::TlsFiles{serve.certificate, serve.key}, .limits = {}}, m_handler));
    }
    m_server->stop(k_patience);
    m_is_deaf = true;
    try {
      fresh = make_server(serve);
    } catch (const Error&) {
      fresh = make_server(m_settings);
      m_is_deaf = false;
      const std::lock_guard guard(m_mutex);
      m_server = std::move(fresh);
      throw;
    }
    m_is_deaf = false;
  }
  {
    const std::lock_guard guard(m_mutex);
    m_server.swap(fresh);
  }
  fresh->stop(k_patience);
  m_log.info("listens", {{"url", url_of(*m_server, !serve.certificate.empty())}});
}

} // namespace teal::serve
