/// @file
/// Handler: who answers a server's requests, at once, later, or with a stream that has no end yet.
///
/// Invariant: each request gets exactly one response. A Responder that goes out of scope without one gave 500.
#pragma once

#include "core/clock.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <variant>

namespace teal::http {

class ServerConnection;
class Mailbox;
class StreamChannel;

/// A response that goes on, as server-sent events do. Writable from any thread; ended by close(), or when it goes out
/// of scope.
class Stream {
public:
  enum class Written {
    taken,
    full,   ///< nothing was taken: the reader is too slow, see wait_for_room()
    closed, ///< the reader is gone, or the server stops
  };

  explicit Stream(std::shared_ptr<StreamChannel> channel);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// All of `bytes`, or nothing of them; never waits. What is larger than the whole backlog is taken by an empty one.
  Written write(std::string_view bytes);
  /// Until the reader has taken all that was written. False if that took longer, or it is gone.
  bool wait_for_room(Milliseconds patience);
  [[nodiscard]] bool is_open() const;
  /// Calls `told` once it is closed by the other side or the server, from the server's thread or from this one (if it
  /// is closed already). It must not wait.
  void on_close(std::function<void()> told);
  /// Calls `told`, from the server's thread, each time that the reader has taken all that was written. It must not
  /// wait.
  void on_drained(std::function<void()> told);
  void close();

private:
  std::shared_ptr<StreamChannel> m_channel;
};

/// The right and duty to answer one request. Usable from any thread, also when server and connection are gone.
class Responder {
public:
  Responder(std::weak_ptr<ServerConnection> connection, std::shared_ptr<Mailbox> mailbox);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  /// Once; what comes later is ignored.
  void respond(ServerResponse response);
  /// `head.body` is the stream's first bytes. In place of respond().
  [[nodiscard]] Stream stream(ServerResponse head);

private:
  std::weak_ptr<ServerConnection> m_connection;
  std::shared_ptr<Mailbox> m_mailbox; ///< none: it has been answered
};

struct Admission {
  std::size_t body_limit = std::size_t{64} << 10U;
  bool in_pool = true; ///< false: handle() never waits, and is called in the server's thread
};

class Handler {
public:
  virtual ~Handler() = default;

  /// In the server's thread, with all of the request but the body; must not wait. Either how the rest is taken, or the
  /// response that spares it.
  [[nodiscard]] virtual std::variant<Admission, ServerResponse> admit(const ServerRequest& head) = 0;
  /// How a refusal of the server's own is said to whoever sent `head`, of which all is empty that was not understood.
  [[nodiscard]] virtual ServerResponse reword(const ServerRequest& head, ServerResponse refusal);
  /// Answers by `responder`, now or later. An exception is a 500 without its words.
  virtual void handle(ServerRequest request, Responder responder) = 0;
};

} // namespace teal::http
