/// @file
/// Engine: the connection to the container engine's HTTP API, at a version that both sides speak, and the time spent on
/// it.
///
/// Facts about the API are Docker's Engine API reference, 1.41 to 1.47.
#pragma once

#include "core/error.hpp"
#include "http/client.hpp"
#include "process/subprocess.hpp"

#include <chrono>
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

class Engine {
public:
  /// `host`: "unix:///var/run/docker.sock", "tcp://h:2375". Nothing is asked yet. `timeout`: how long it is waited for
  /// an answer that the engine has no reason to take long for.
  explicit Engine(std::string host, Milliseconds timeout = std::chrono::seconds(45));

  [[nodiscard]] const std::string& host() const { return m_host; }
  [[nodiscard]] Milliseconds timeout() const { return m_timeout; }

  struct Version {
    std::string engine; ///< "20.10.24+dfsg1"
    std::string api;    ///< the version spoken: "1.41"
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
  std::string m_host;
  Milliseconds m_timeout;
  http::Client m_client;
  Version m_version;
  std::stop_token m_interrupt;
  EngineClock m_clock;
};

} // namespace teal::engine
