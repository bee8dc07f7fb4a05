/// @file
/// Wire: a connection to a port of this host that speaks HTTP/1 as it is told, and asks nothing again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace teal {

struct Reply {
  int status = 0;      ///< 0: none came, or not all of it
  bool closes = false; ///< the other side will close the connection, and has said so
  std::string body;
  std::string trouble; ///< why there is none, or what else than 200 was answered
};

class Wire {
public:
  explicit Wire(std::uint16_t port) : m_port(port) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire() { hang_up(); }

  /// Makes a connection unless there is one that nobody has closed yet.
  void connect();
  void hang_up();
  /// False if not all could be sent: an answer may be there nevertheless.
  bool send(std::string_view text) const;
  /// The next answer. Hangs up where it is the last one of the connection.
  Reply receive();
  /// The next line; empty if none comes.
  std::string receive_line();
  [[nodiscard]] bool is_connected() const { return m_socket >= 0; }

private:
  [[nodiscard]] bool was_closed() const;
  bool receive_more();
  Reply fail(const std::string& what);
  bool receive_body(std::string_view head, Reply& reply);
  bool receive_chunks(Reply& reply);

  std::uint16_t m_port;
  int m_socket = -1;
  int m_answers = 0; ///< on this connection
  std::string m_received;
  std::string m_why; ///< no more came
};

} // namespace teal
