#include "serve/receiver.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "serve/service.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace teal::serve {

Receiver::Receiver(Options options, const Clock& clock)
    : m_options(std::move(options)), m_settings(load_receiver_settings(m_options.config)), m_signals(block_signals()),
      m_connections(prepare_process()), m_log(STDERR_FILENO, m_options.log, clock), m_drop(m_options.folder),
      m_book(m_options.config.parent_path(), m_settings, m_log), m_sink(m_drop, m_book, m_log),
      m_hooks(m_book, m_sink, m_log), m_handler({.hooks = m_hooks, .sink = m_sink, .sink_waits = true},
                                                http::TrustedProxies(m_settings.trusted_proxies)),
      m_server({.listen = {address_of(m_options.listen)},
                .tls = {},
                .limits = limits_for(m_connections),
                .report = [this](const std::string& what) { m_log.error(what); }},
               m_handler) {
  m_log.info("listens", {{"url", url_of(m_server, false)}, {"folder", m_options.folder.string()}});
}

bool Receiver::run() {
  for (;;) {
    const int signal = ::sigwaitinfo(&m_signals, nullptr);
    if (signal == SIGHUP) {
      reload();
    } else if (signal == SIGTERM || signal == SIGINT) {
      break;
    }
  }
  m_log.info("ends: no more is accepted, and what has begun is answered");
  const bool is_all = m_server.stop(k_patience);
  m_log.info(is_all ? "has ended" : "has ended; what was not answered by now was cut off");
  return is_all;
}

void Receiver::reload() {
  try {
    const ReceiverSettings fresh = load_receiver_settings(m_options.config);
    http::TrustedProxies proxies(fresh.trusted_proxies);
    m_book.set(fresh);
    m_handler.trust(std::move(proxies));
    m_settings = fresh;
    m_log.info("the settings were read anew");
  } catch (const Error& error) {
    m_log.error(fmt::format("{}; it goes on with the settings that it had", error.message()));
  }
}

} // namespace teal::serve
