/// @file
/// Mailbox: how other threads hand work to a server's thread, also when the server is gone. Private to this folder.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <mutex>
#include <utility>

namespace teal::http {

class Mailbox {
public:
  explicit Mailbox(boost::asio::io_context& io) : m_io(&io) {}

  /// False if the server is gone: then `work` is never done.
  template <class Work>
  bool post(Work&& work) {
    const std::lock_guard guard(m_mutex);
    if (m_io != nullptr) {
      boost::asio::post(*m_io, std::forward<Work>(work));
    }
    return m_io != nullptr;
  }
  void close() {
    const std::lock_guard guard(m_mutex);
    m_io = nullptr;
  }

private:
  std::mutex m_mutex;
  boost::asio::io_context* m_io;
};

} // namespace teal::http
