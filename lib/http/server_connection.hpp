/// @file
/// ServerConnection: one accepted connection, from request to request. Private to this folder.
///
/// It reads when the socket has something, into a buffer that all share, and keeps what a request needs of it; while it
/// is idle it keeps nothing. A handler's answer comes back through the mailbox, always, so that no chain of pipelined
/// requests grows the stack or keeps others waiting.
///
/// Invariant: it is in the core's table until close(), and what it counts there is taken back by then.
#pragma once

#include "http/deadline_table.hpp"
#include "http/request_reader.hpp"
#include "http/stream_channel.hpp"
#include "http/transport.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace teal::http {

struct ServerCore;

class ServerConnection final : public Tenant, public std::enable_shared_from_this<ServerConnection> {
public:
  ServerConnection(ServerCore& core, Transport transport, const boost::asio::ip::tcp::endpoint& peer);

  /// Enters the table, and waits for a request.
  void start();
  /// What the handler answers; ignored unless one has the request.
  void respond(ServerResponse response);
  void open_stream(ServerResponse head, const std::shared_ptr<StreamChannel>& channel);
  void flush_stream();
  /// Instead of what it is reading.
  void refuse(int status, std::string_view reason);
  /// Leaves if nothing is under way; a stream ends.
  void drain();
  void expire() override;
  void close();

  /// Bytes kept of a request that is not complete.
  [[nodiscard]] std::size_t received() const { return m_received; }

private:
  template <class Work>
  void guard(const Work& work) noexcept;
  void wait(Progress::Wait what);
  void proceed();

  void read();
  [[nodiscard]] bool is_reading() const;
  void take(std::string_view bytes);
  std::size_t feed(std::string_view bytes);
  bool follow_reader();
  bool admit();
  void send_continue();
  void dispatch();
  void release_received();
  void release_request();

  void send(ServerResponse response, bool keeps_alive);
  void refuse_with(ServerResponse response);
  void send_head_of_stream(const ServerResponse& head);
  bool write_output();
  void finish_response();
  void note_progress(std::size_t bytes);
  void next_request();
  void watch_stream_reader();
  void say_farewell();
  void discard();

  ServerCore& m_core;
  Transport m_transport;
  std::string m_peer;
  std::uint16_t m_peer_port;
  std::unique_ptr<RequestReader> m_reader; ///< of the request under way
  std::string m_pending;                   ///< bytes that no reader has taken yet
  std::size_t m_received = 0;
  std::string m_head; ///< output: first this, then the body
  std::string m_body;
  std::size_t m_sent = 0;
  std::size_t m_progress = 0; ///< bytes since its time in this phase began
  std::shared_ptr<StreamChannel> m_channel;
  bool m_is_chunked = false;
  bool m_is_last_chunk_sent = false;
  bool m_in_pool = false;
  bool m_is_head = false;     ///< the request's method is HEAD: no body goes out
  bool m_has_handler = false; ///< it is counted as a request
  bool m_closes = false;      ///< after this response
  bool m_waits_to_read = false;
  bool m_waits_to_write = false;
  bool m_is_closed = false;
};

} // namespace teal::http
