#include "http/handler.hpp"

#include "http/mailbox.hpp"
#include "http/server_connection.hpp"
#include "http/stream_channel.hpp"

namespace teal::http {

Stream::Stream(std::shared_ptr<StreamChannel> channel) : m_channel(std::move(channel)) {}
Stream::Stream(Stream&&) noexcept = default;

Stream& Stream::operator=(Stream&& from) noexcept {
  std::swap(m_channel, from.m_channel);
  return *this;
}

Stream::~Stream() {
  if (m_channel) {
    m_channel->end();
  }
}

Stream::Written Stream::write(std::string_view bytes) {
  return m_channel->write(bytes);
}

bool Stream::wait_for_room(Milliseconds patience) {
  return m_channel->wait_for_room(patience);
}

bool Stream::is_open() const {
  return m_channel->is_open();
}

void Stream::on_close(std::function<void()> told) {
  m_channel->on_close(std::move(told));
}

void Stream::on_drained(std::function<void()> told) {
  m_channel->on_drained(std::move(told));
}

void Stream::close() {
  m_channel->end();
}

ServerResponse Handler::reword(const ServerRequest& /*head*/, ServerResponse refusal) {
  return refusal;
}

Responder::Responder(std::weak_ptr<ServerConnection> connection, std::shared_ptr<Mailbox> mailbox)
    : m_connection(std::move(connection)), m_mailbox(std::move(mailbox)) {}

Responder::~Responder() {
  respond(error_response(500, "this went wrong here, not with you; the log of the server says why"));
}

// The connection is locked in the server's thread alone, so that no other thread is ever its last owner.
void Responder::respond(ServerResponse response) {
  if (const auto mailbox = std::exchange(m_mailbox, nullptr)) {
    mailbox->post([connection = std::move(m_connection), answer = std::move(response)]() mutable {
      if (const auto alive = connection.lock()) {
        alive->respond(std::move(answer));
      }
    });
  }
}

Stream Responder::stream(ServerResponse head) {
  const auto mailbox = std::exchange(m_mailbox, nullptr);
  auto channel =
      std::make_shared<StreamChannel>(k_stream_backlog, [connection = m_connection, weak = std::weak_ptr(mailbox)] {
        if (const auto box = weak.lock()) {
          box->post([connection] {
            if (const auto alive = connection.lock()) {
              alive->flush_stream();
            }
          });
        }
      });
  const bool posted =
      mailbox && mailbox->post([connection = std::move(m_connection), answer = std::move(head), channel]() mutable {
        if (const auto alive = connection.lock()) {
          alive->open_stream(std::move(answer), channel);
        } else {
          channel->close();
        }
      });
  if (!posted) {
    channel->close();
  }
  return Stream(std::move(channel));
}

} // namespace teal::http
