/// @file
/// StreamChannel: what a Stream's writer has written and its connection has not sent yet. Private to this folder.
///
/// Invariant: at most `limit` bytes wait, or one write's; closed once, it stays closed, and whoever waits is woken.
#pragma once

#include "http/handler.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

namespace teal::http {

/// Bytes that a slow reader may be behind.
inline constexpr std::size_t k_stream_backlog = std::size_t{256} << 10U;

class StreamChannel {
public:
  /// `wake`: asks the connection to take(); called from the writer's thread.
  StreamChannel(std::size_t limit, std::function<void()> wake) : m_limit(limit), m_wake(std::move(wake)) {}

  Stream::Written write(std::string_view bytes);
  bool wait_for_room(Milliseconds patience);
  [[nodiscard]] bool is_open() const;
  void on_close(std::function<void()> told);
  void on_drained(std::function<void()> told);
  /// By the writer: nothing more comes.
  void end();

  struct Taken {
    std::string bytes;
    bool ended = false; ///< these are the last
  };
  /// By the connection, which has sent all that it took before.
  Taken take();
  /// By the connection: nobody reads any more.
  void close();

private:
  const std::size_t m_limit;
  const std::function<void()> m_wake;
  mutable std::mutex m_mutex; // of what follows
  std::condition_variable m_changed;
  std::string m_backlog;
  std::size_t m_in_flight = 0;
  bool m_is_woken = false; ///< the connection will take()
  bool m_is_ended = false;
  bool m_is_closed = false;
  std::function<void()> m_told;
  std::function<void()> m_told_of_room;
};

} // namespace teal::http
