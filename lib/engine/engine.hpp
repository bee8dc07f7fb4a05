/// @file
/// Engine: the connection to the container engine's HTTP API, at a version that both sides speak, and the time spent on
/// it.
///
/// Facts about the API are Docker's Engine API reference, 1.41 to 1.47.
#pragma once

#include "core/error.hpp"
#include "engine/ssh_tunnel.hpp"
#include "http/client.hpp"
#include "model/engine_url.hpp"
#include "process/subprocess.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace teal::engine {

/// The engine's own refusal, with its message and HTTP status (404 no such thing, 409 in the way, …).
class ApiError : public Error {
public:
  ApiError(int status, const std::string& message) : Error(ErrorKind::environment, message), m_status(status) {}
  [[nodiscard]] int status() const noexcept { return m_status; }

private:
  int m_status;
};

/// How long an engine was waited for; while several threads wait at once, time passes once.
class EngineClock {
public:
  void begin();
  void end();
  [[nodiscard]] Milliseconds spent() const;

private:
  using SteadyClock = std::chrono::steady_clock;

  mutable std::mutex m_mutex;
  int m_waiting = 0;
  SteadyClock::time_point m_since; ///< somebody waits
  SteadyClock::duration m_spent{0};
};

/// Adds the time until it goes out of scope.
class EngineTime {
public:
  explicit EngineTime(EngineClock& clock) : m_clock(clock) { m_clock.begin(); }
  EngineTime(const EngineTime&) = delete;
  EngineTime& operator=(const EngineTime&) = delete;
  ~EngineTime() { m_clock.end(); }

private:
  EngineClock& m_clock;
};

/// How an engine is reached. Files are PEM, or, by ssh, those of ssh(1); empty ones count as not given.
struct EngineAccess {
  std::string host;                  ///< as EngineUrl reads it
  std::string ca = {};               ///< with it, or with a certificate, tcp is TLS
  std::string certificate = {};      ///< ours, as a TLS client
  std::string key = {};              ///< the certificate's, or ssh's
  std::string known_hosts = {};      ///< ssh's
  std::filesystem::path folder = {}; ///< where sockets and links may be made that others of our processes use, too
  Environment environment = {};      ///< of ssh
};

class Engine {
public:
  /// Nothing is asked yet. `timeout`: how long it is waited for an answer that the engine has no reason to take long
  /// for. Throws Error(usage) on a host that is none.
  explicit Engine(EngineAccess access, Milliseconds timeout = std::chrono::seconds(45));
  explicit Engine(const std::string& host, Milliseconds timeout = std::chrono::seconds(45))
      : Engine(EngineAccess{.host = host}, timeout) {}

  [[nodiscard]] const std::string& host() const { return m_access.host; }
  [[nodiscard]] const EngineAccess& access() const { return m_access; }
  /// Whether it is at a socket of this host: only then its containers' addresses, processes and files are this host's.
  [[nodiscard]] bool is_local() const { return m_url.is_local(); }
  /// Whether what comes and goes is for nobody else to read or to change.
  [[nodiscard]] bool is_private() const;
  /// What leads a program that speaks to engines, such as docker, to this one. Throws Error(environment) where the way
  /// there is not open and cannot be opened.
  [[nodiscard]] Environment client_environment() const;
  [[nodiscard]] Milliseconds timeout() const { return m_timeout; }

  struct Version {
    std::string engine;     ///< "20.10.24+dfsg1"
    std::string api;        ///< the version spoken: "1.41"
    bool is_podman = false; ///< which speaks the same API, but has no BuildKit, and changes no container that is there
  };
  /// Asks once, then remembers. Throws Error(environment) saying how to start the engine if none answers, or how to be
  /// let at its socket if permission is missing.
  const Version& version();
  /// Where the engine keeps its images: a path of this host for a local engine.
  [[nodiscard]] std::string data_root();

  /// What it runs: "linux/amd64". Asks each time.
  [[nodiscard]] std::string platform();

  /// One call to the API: `target` without the version ("/containers/json?all=1"). Throws ApiError on a status of 400
  /// or more. `body` is JSON, or empty. `patience` is how long the engine may take, if not the usual timeout.
  http::Response call(std::string_view method, const std::string& target, const std::string& body = {},
                      std::optional<Milliseconds> patience = {}, const http::Headers& headers = {});

  /// One call whose answer comes bit by bit: `sink` is given it as it comes. Throws as call() does, and Error(busy)
  /// once interrupted.
  void stream(std::string_view method, const std::string& target, const http::Headers& headers, Milliseconds patience,
              std::function<void(std::string_view)> sink);

  /// Once that is asked for, what the engine has reason to take long for is waited for no longer: a command of its
  /// command line is ended, a container's end no longer awaited.
  void interrupt_by(std::stop_token interrupt) { m_interrupt = std::move(interrupt); }
  [[nodiscard]] const std::stop_token& interrupt() const { return m_interrupt; }
  /// Throws Error(busy) once it is.
  void require_uninterrupted() const;

  /// Time spent in call(), and in the engine's command line by those that count it here too.
  [[nodiscard]] Milliseconds time_spent() const { return m_clock.spent(); }
  [[nodiscard]] EngineClock& clock() { return m_clock; }

private:
  http::Response answer_to(http::Request request, Milliseconds patience);
  http::Response exchange(const http::Request& request, Milliseconds patience);
  http::Response send(const http::Request& request, Milliseconds patience);
  http::Response ask(const http::Request& request, Milliseconds patience);

  EngineAccess m_access;
  EngineUrl m_url;
  std::optional<SshTunnel> m_tunnel; ///< to a host by ssh
  Milliseconds m_timeout;
  http::Client m_client;
  Version m_version;
  std::stop_token m_interrupt;
  EngineClock m_clock;
};

} // namespace teal::engine
