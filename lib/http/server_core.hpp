/// @file
/// ServerCore: what all connections of a server share. Private to this folder.
///
/// Invariant: only the server's thread touches it, but for the counts, the mailbox and the pool.
#pragma once

#include "http/deadline_table.hpp"
#include "http/mailbox.hpp"
#include "http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace teal::http {

struct ServerCore {
  ServerCore(ServerSettings with, Handler& answers);

  /// Calls the handler, whose exceptions end here.
  void call(ServerRequest request, Responder responder) noexcept;
  /// After `added` more bytes of unfinished requests: if that is too much, the largest is refused.
  void note_received(std::size_t added);
  /// Whether somebody could be sent away for a new connection.
  bool make_room();
  /// Each phase's connections that have nothing under way leave, and streams end.
  void drain();
  void close_all();
  [[nodiscard]] bool is_drained() const { return table.size() == table.size(Phase::farewell); }

  ServerSettings settings;
  Handler& handler;
  boost::asio::io_context io{1};
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>(io);
  DeadlineTable table;
  boost::asio::thread_pool pool;
  std::vector<char> scratch; ///< what a read fills before its bytes find their connection
  std::size_t received = 0;  ///< bytes of unfinished requests
  bool is_draining = false;
  std::function<void()> on_leave = [] {}; ///< a connection has left, or has nothing more to send
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> requests{0};
  std::atomic<std::size_t> streams{0};
  std::atomic<std::uint64_t> answered{0};
};

} // namespace teal::http
