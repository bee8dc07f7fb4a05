/// @file
/// Daemon: `tealhook serve`, all of it in one process, until it is told to end.
///
/// SIGTERM and SIGINT end it: what has begun is answered, what was accepted waits in the store for the next one. SIGHUP
/// reads tealhook.yml and the certificate anew. Deployments run in sessions of their own, and go on.
#pragma once

#include "api/api.hpp"
#include "config/settings.hpp"
#include "http/server.hpp"
#include "model/home.hpp"
#include "process/file_lock.hpp"
#include "process/installation.hpp"
#include "serve/delivery_work.hpp"
#include "serve/hook_door.hpp"
#include "serve/journal.hpp"
#include "serve/journal_sink.hpp"
#include "serve/keeper.hpp"
#include "serve/lanes.hpp"
#include "serve/log.hpp"
#include "serve/metrics.hpp"
#include "serve/observer.hpp"
#include "serve/poller.hpp"
#include "serve/replica_watch.hpp"
#include "serve/request_handler.hpp"
#include "serve/source_book.hpp"
#include "serve/trigger_watch.hpp"

#include <csignal>
#include <memory>
#include <mutex>
#include <optional>

namespace teal::serve {

class Daemon {
public:
  struct Options {
    Home home;
    Environment environment; ///< of runners, git and ssh
    Installation installation;
    std::optional<Log::Form> log; ///< in place of serve.log
    bool observes = false;        ///< the webhooks of what is observed are there while it runs, and no longer
  };

  /// Listens, and works. From now on this thread, and those it starts, get none of the signals above but by run().
  /// Throws Error(busy) if another one serves the home, Error(settings) or Error(environment) if it cannot be served.
  Daemon(Options options, const Clock& clock);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  /// Until it is told to end. Whether all that had begun was answered. Throws Error if nothing listens any more.
  bool run();

private:
  void reload();
  void serve_by(const ServerSettings::Serve& serve);
  [[nodiscard]] std::unique_ptr<http::Server> make_server(const ServerSettings::Serve& serve);
  [[nodiscard]] http::ServerCounts counts() const;

  Options m_options;
  FileLock m_lock;
  sigset_t m_signals;
  std::size_t m_connections;
  ServerSettings::Serve m_settings;
  Log m_log;
  SourceBook m_sources;
  Metrics m_metrics;
  DeliveryWork m_work;
  Observer m_observer; ///< its thread starts once all others are there
  Lanes m_lanes;
  Journal m_journal;
  JournalSink m_sink;
  HookDoor m_hooks;
  api::Api m_api;
  RequestHandler m_handler;
  mutable std::mutex m_mutex; // of the server's being another one
  std::unique_ptr<http::Server> m_server;
  bool m_is_deaf = false; ///< it ended, and no other one listens
  TriggerWatch m_triggers;
  Keeper m_keeper;
  ReplicaWatch m_replicas;
  Poller m_poller;
};

} // namespace teal::serve
