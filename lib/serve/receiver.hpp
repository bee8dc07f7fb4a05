/// @file
/// Receiver: `tealhook receive`: deliveries over HTTP in, trigger files out, until it is told to end. It has neither
/// home, engine nor store, and needs no rights but to write into one folder.
///
/// SIGTERM and SIGINT end it: what has begun is answered. SIGHUP reads its settings anew.
#pragma once

#include "http/server.hpp"
#include "serve/file_sink.hpp"
#include "serve/hook_door.hpp"
#include "serve/log.hpp"
#include "serve/receiver_book.hpp"
#include "serve/request_handler.hpp"
#include "trigger/trigger_drop.hpp"

#include <csignal>
#include <filesystem>
#include <string>

namespace teal::serve {

class Receiver {
public:
  struct Options {
    std::filesystem::path folder; ///< that trigger files are put into
    std::filesystem::path config; ///< its settings
    std::string listen;           ///< "127.0.0.1:8889"
    Log::Form log = Log::Form::text;
  };

  /// Listens, and answers. From now on this thread, and those it starts, get none of the signals above but by run().
  /// Throws Error(settings) or Error(environment).
  Receiver(Options options, const Clock& clock);
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() = default;

  /// Until it is told to end. Whether all that had begun was answered.
  bool run();

private:
  void reload();

  Options m_options;
  ReceiverSettings m_settings;
  sigset_t m_signals;
  std::size_t m_connections;
  Log m_log;
  TriggerDrop m_drop;
  ReceiverBook m_book;
  FileSink m_sink;
  HookDoor m_hooks;
  RequestHandler m_handler;
  http::Server m_server;
};

} // namespace teal::serve
