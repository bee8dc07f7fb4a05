#include "serve/daemon.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "serve/service.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

namespace teal::serve {

namespace {

constexpr std::size_t k_lanes = 4;

FileLock lock_home(const Home& home) {
  auto lock = FileLock::try_acquire(home.serve_lock());
  if (!lock) {
    throw Error(ErrorKind::busy, fmt::format("another 'tealhook serve' works for '{}'", home.root.string()));
  }
  return std::move(*lock);
}

Log::Form form_of(const std::optional<Log::Form>& wanted, const ServerSettings::Serve& settings) {
  return wanted.value_or(settings.log == ServerSettings::Serve::Log::json ? Log::Form::json : Log::Form::text);
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
      m_observer({m_options.home, m_options.environment, clock, m_log,
                  [this](const std::string& app) { m_lanes.notice(app); }, m_options.observes}),
      m_lanes(k_lanes,
              [this](const std::string& app, const std::stop_token& end) {
                const auto again = m_work.work_off(app, end);
                m_observer.look(app);
                ::malloc_trim(0);
                return again;
              }),
      m_journal(m_options.home.store(), [this](const std::string& app) { m_lanes.notice(app); }),
      m_sink(m_journal, clock), m_hooks(m_sources, m_sink, m_log),
      m_api({.place = {m_options.home, m_options.environment, m_options.installation, clock},
             .report = [this](const std::string& what) { m_log.warn(what); },
             .count = [this](int status) { m_metrics.count_request("/api", status); }}),
      m_handler({.hooks = m_hooks,
                 .sink = m_sink,
                 .api = &m_api,
                 .metrics = &m_metrics,
                 .counts = [this] { return counts(); }},
                http::TrustedProxies(m_settings.trusted_proxies)),
      m_server(make_server(m_settings)), m_triggers({m_options.home, m_journal, clock, m_log}),
      m_keeper({m_options.home, m_options.environment, m_options.installation, m_log, m_metrics}),
      m_replicas({m_options.home, m_options.environment, clock, m_log}),
      m_poller({m_options.home, m_options.environment, clock, m_log,
                [this](const std::string& app) { m_lanes.notice(app); }}) {
  m_log.info("listens",
             {{"url", url_of(*m_server, !m_settings.certificate.empty())}, {"home", m_options.home.root.string()}});
  Database database(m_options.home.store());
  for (const std::string& app : Deliveries(database).apps_with_waiting()) {
    m_lanes.notice(app); // what an earlier one had accepted
  }
  m_observer.start();
}

Daemon::~Daemon() {
  m_observer.end(); // it gives work to the lanes
}

std::unique_ptr<http::Server> Daemon::make_server(const ServerSettings::Serve& serve) {
  http::ServerSettings settings{.listen = {address_of(serve.listen)},
                                .tls = {},
                                .limits = limits_for(m_connections),
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
  m_observer.end(); // first: what a forge still sends is answered
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
  m_observer.look();
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
