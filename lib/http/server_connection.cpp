#include "http/server_connection.hpp"

#include "core/error.hpp"
#include "http/response_text.hpp"
#include "http/server_core.hpp"

#include <fmt/format.h>

namespace teal::http {

namespace {

using Wait = Progress::Wait;

/// After so many reads in a row it is others' turn.
constexpr int k_reads_in_a_row = 16;

std::chrono::sys_seconds now() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

void free_memory(std::string& text) {
  std::string().swap(text);
}

} // namespace

ServerConnection::ServerConnection(ServerCore& core, Transport transport, const boost::asio::ip::tcp::endpoint& peer)
    : m_core(core), m_transport(std::move(transport)), m_peer(peer.address().to_string()), m_peer_port(peer.port()) {}

void ServerConnection::start() {
  m_core.table.add(shared_from_this(), Phase::idle);
  ++m_core.connections;
  guard([this] { wait(Wait::read); });
}

/// Whatever goes wrong with one connection ends that one.
template <class Work>
void ServerConnection::guard(const Work& work) noexcept {
  try {
    if (!m_is_closed) {
      work();
    }
  } catch (const std::exception& error) {
    m_core.settings.report(fmt::format("a connection from {} was dropped: {}", m_peer, error.what()));
    close();
  }
}

void ServerConnection::wait(Wait what) {
  bool& is_waiting = what == Wait::read ? m_waits_to_read : m_waits_to_write;
  if (std::exchange(is_waiting, true)) {
    return;
  }
  const auto kind = what == Wait::read ? Transport::Socket::wait_read : Transport::Socket::wait_write;
  m_transport.socket().async_wait(
      kind, [self = shared_from_this(), &is_waiting](const boost::system::error_code& /*seen by what it does next*/) {
        is_waiting = false;
        self->guard([&] { self->proceed(); });
      });
}

void ServerConnection::proceed() {
  switch (phase()) {
  case Phase::idle:
  case Phase::head:
  case Phase::body:
    return read();
  case Phase::writing:
    if (write_output()) {
      finish_response();
    }
    return;
  case Phase::streaming:
  case Phase::flushing:
    watch_stream_reader();
    return flush_stream();
  case Phase::farewell:
    return discard();
  case Phase::handling:
    return; // whose answer comes by itself
  }
}

bool ServerConnection::is_reading() const {
  return !m_is_closed && (phase() == Phase::idle || phase() == Phase::head || phase() == Phase::body);
}

void ServerConnection::read() {
  if (phase() == Phase::idle && !m_transport.is_established()) {
    m_core.table.enter(*this, Phase::head); // a handshake has its time, too
  }
  for (int reads = 0; is_reading(); ++reads) {
    if (reads == k_reads_in_a_row) {
      m_core.mailbox->post([self = shared_from_this()] { self->guard([&] { self->proceed(); }); });
      return;
    }
    const Progress got = m_transport.read(m_core.scratch);
    if (got.ended) {
      return close();
    }
    if (got.wait != Wait::none) {
      return wait(got.wait);
    }
    take({m_core.scratch.data(), got.bytes});
  }
}

void ServerConnection::take(std::string_view bytes) {
  if (!m_reader) {
    m_reader = std::make_unique<RequestReader>(m_core.settings.limits.head);
    m_core.table.enter(*this, Phase::head);
  }
  note_progress(bytes.size());
  if (m_pending.empty()) {
    m_pending.assign(bytes.substr(feed(bytes)));
  } else {
    m_pending += bytes;
    m_pending.erase(0, feed(m_pending));
  }
  if (m_pending.empty()) {
    free_memory(m_pending);
  }
  if (is_reading() && m_reader) {
    const std::size_t before = std::exchange(m_received, m_pending.size() + m_reader->body_size());
    m_core.received -= before;
    m_core.note_received(m_received);
  }
}

std::size_t ServerConnection::feed(std::string_view bytes) {
  std::size_t taken = 0;
  do {
    taken += m_reader->feed(bytes.substr(taken));
  } while (follow_reader());
  return taken;
}

/// Whether the reader is to be fed on.
bool ServerConnection::follow_reader() {
  switch (m_reader->state()) {
  case RequestReader::State::admission:
    return admit();
  case RequestReader::State::complete:
    dispatch();
    return false;
  case RequestReader::State::refused:
    refuse_with(m_reader->refusal());
    return false;
  case RequestReader::State::head:
  case RequestReader::State::body:
    return false;
  }
  return false;
}

bool ServerConnection::admit() {
  ServerRequest& request = m_reader->request();
  request.peer = m_peer;
  request.peer_port = m_peer_port;
  request.is_tls = m_transport.is_tls();
  m_is_head = request.method == "HEAD";
  std::variant<Admission, ServerResponse> verdict;
  try {
    verdict = m_core.handler.admit(request);
  } catch (const std::exception& error) {
    m_core.settings.report(fmt::format("{} {} failed: {}", request.method, request.path, error.what()));
    refuse(500, "this went wrong here, not with you");
    return false;
  }
  if (auto* response = std::get_if<ServerResponse>(&verdict)) {
    if (m_reader->has_body()) {
      refuse_with(std::move(*response));
      return false;
    }
    m_reader->admit(0);
    m_core.table.enter(*this, Phase::handling);
    release_received();
    Responder(weak_from_this(), m_core.mailbox).respond(std::move(*response));
    return false;
  }
  const Admission& admission = std::get<Admission>(verdict);
  m_in_pool = admission.in_pool;
  m_reader->admit(admission.body_limit);
  if (m_reader->state() == RequestReader::State::body) {
    m_core.table.enter(*this, Phase::body);
    m_progress = 0;
    send_continue();
  }
  return !m_is_closed;
}

/// A few bytes into a buffer that has nothing else to send: where they do not fit, something is wrong.
void ServerConnection::send_continue() {
  constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (m_reader->expects_continue() && m_transport.write(k_continue, {}).bytes != k_continue.size()) {
    close();
  }
}

void ServerConnection::dispatch() {
  m_core.table.enter(*this, Phase::handling);
  release_received();
  Responder responder(weak_from_this(), m_core.mailbox);
  if (m_core.requests >= m_core.settings.limits.requests) {
    ServerResponse busy = error_response(503, "too many requests at the moment");
    busy.headers.add("Retry-After", "1");
    return responder.respond(m_core.handler.reword(m_reader->request(), std::move(busy)));
  }
  ++m_core.requests;
  m_has_handler = true;
  ServerRequest request = std::move(m_reader->request());
  if (m_in_pool) {
    boost::asio::post(m_core.pool,
                      [&core = m_core, asked = std::move(request), answer = std::move(responder)]() mutable {
                        core.call(std::move(asked), std::move(answer));
                      });
  } else {
    m_core.call(std::move(request), std::move(responder));
  }
}

void ServerConnection::release_received() {
  m_core.received -= std::exchange(m_received, 0);
}

void ServerConnection::release_request() {
  if (std::exchange(m_has_handler, false)) {
    --m_core.requests;
  }
}

void ServerConnection::respond(ServerResponse response) {
  guard([&] {
    if (phase() == Phase::handling) {
      send(std::move(response), m_reader->keeps_alive() && !m_core.is_draining);
    }
  });
}

void ServerConnection::refuse(int status, std::string_view reason) {
  refuse_with(error_response(status, reason));
}

/// What follows on this connection cannot be told from what was refused, so it ends.
void ServerConnection::refuse_with(ServerResponse response) {
  guard([&] {
    static const ServerRequest k_unknown;
    send(m_core.handler.reword(m_reader ? m_reader->request() : k_unknown, std::move(response)), false);
  });
}

void ServerConnection::send(ServerResponse response, bool keeps_alive) {
  release_request();
  release_received();
  const bool is_http_10 = m_reader && m_reader->is_http_10();
  const auto head_of = [&](const ServerResponse& answer) {
    return response_head(answer, {.length = answer.body.size(), .is_http_10 = is_http_10, .keeps_alive = keeps_alive},
                         now());
  };
  try {
    m_head = head_of(response);
  } catch (const Error& error) {
    m_core.settings.report(error.message());
    response = error_response(500, "this went wrong here, not with you");
    m_head = head_of(response);
  }
  m_body = m_is_head ? std::string() : std::move(response.body);
  m_closes = !keeps_alive;
  m_sent = 0;
  m_progress = 0;
  m_core.table.enter(*this, Phase::writing);
  if (write_output()) {
    finish_response();
  }
}

/// Whether all is sent; if not, it goes on when there is room, or the connection was closed.
bool ServerConnection::write_output() {
  while (m_sent < m_head.size() + m_body.size()) {
    const std::string_view head = m_head;
    const std::string_view body = m_body;
    const std::size_t of_body = m_sent < head.size() ? 0 : m_sent - head.size();
    const Progress put = m_transport.write(head.substr(std::min(m_sent, head.size())), body.substr(of_body));
    if (put.ended) {
      close();
      return false;
    }
    if (put.wait != Wait::none) {
      wait(put.wait);
      return false;
    }
    m_sent += put.bytes;
    note_progress(put.bytes);
  }
  return true;
}

/// So many bytes of what is on its way, and its time begins anew. Of a request's head there is one time for all.
void ServerConnection::note_progress(std::size_t bytes) {
  m_progress += bytes;
  if (m_progress >= m_core.settings.limits.progress_bytes && phase() != Phase::head) {
    m_progress = 0;
    m_core.table.enter(*this, phase());
  }
}

void ServerConnection::finish_response() {
  ++m_core.answered;
  free_memory(m_head);
  free_memory(m_body);
  if (m_closes) {
    return say_farewell();
  }
  m_reader.reset();
  m_is_head = false;
  next_request();
}

void ServerConnection::next_request() {
  m_core.table.enter(*this, Phase::idle);
  if (!m_pending.empty()) {
    const std::string pending = std::exchange(m_pending, {});
    take(pending);
    return read();
  }
  if (m_transport.has_buffered()) {
    return read();
  }
  wait(Wait::read);
}

void ServerConnection::open_stream(ServerResponse head, const std::shared_ptr<StreamChannel>& channel) {
  const bool is_taken = !m_is_closed && phase() == Phase::handling;
  const bool is_full = m_core.streams >= m_core.settings.limits.streams;
  if (!is_taken || is_full || m_core.is_draining) {
    channel->close();
    return respond(error_response(503, "too many streams at the moment"));
  }
  if (m_is_head) {
    channel->close();
    return guard([&] { send_head_of_stream(head); });
  }
  guard([&] {
    m_head = response_head(head, {.is_http_10 = m_reader->is_http_10(), .keeps_alive = false}, now());
    release_request();
    m_is_chunked = !m_reader->is_http_10();
    m_head += m_is_chunked && !head.body.empty() ? chunk_of(head.body) : head.body;
    m_sent = 0;
    m_channel = channel;
    ++m_core.streams;
    m_core.table.enter(*this, Phase::flushing);
    m_progress = 0;
    watch_stream_reader();
    flush_stream();
  });
  if (!m_channel) { // its head cannot be sent
    channel->close();
  }
}

/// To HEAD: how long the stream would be is not known.
void ServerConnection::send_head_of_stream(const ServerResponse& head) {
  m_head = response_head(head, {.is_http_10 = m_reader->is_http_10(), .keeps_alive = false}, now());
  release_request();
  m_closes = true;
  m_sent = 0;
  m_progress = 0;
  m_core.table.enter(*this, Phase::writing);
  if (write_output()) {
    finish_response();
  }
}

void ServerConnection::flush_stream() {
  guard([&] {
    while (m_channel && write_output()) {
      free_memory(m_head);
      m_sent = 0;
      auto [bytes, ended] = m_channel->take();
      if (!bytes.empty()) {
        m_head = m_is_chunked ? chunk_of(bytes) : std::move(bytes);
        if (phase() == Phase::streaming) {
          m_core.table.enter(*this, Phase::flushing);
          m_progress = 0;
        }
      } else if (!ended) {
        return m_core.table.enter(*this, Phase::streaming);
      } else if (m_is_chunked && !std::exchange(m_is_last_chunk_sent, true)) {
        m_head = k_last_chunk;
      } else {
        ++m_core.answered;
        return say_farewell();
      }
    }
  });
}

/// Nobody has anything to say to a stream, but that it is closed.
void ServerConnection::watch_stream_reader() {
  for (int reads = 0; reads < k_reads_in_a_row; ++reads) {
    const Progress got = m_transport.read(m_core.scratch);
    if (got.ended) {
      return close();
    }
    if (got.wait != Wait::none) {
      return wait(got.wait);
    }
  }
  close(); // one that says that much is no reader
}

/// A connection that is closed with bytes unread takes the response away from who sends them (RFC 9112, 9.6).
void ServerConnection::say_farewell() {
  if (m_channel) {
    std::exchange(m_channel, nullptr)->close();
    --m_core.streams;
  }
  m_reader.reset();
  m_transport.end_sending();
  m_core.table.enter(*this, Phase::farewell);
  m_core.on_leave();
  discard();
}

void ServerConnection::discard() {
  for (int reads = 0; reads < k_reads_in_a_row && !m_is_closed; ++reads) {
    const Progress got = m_transport.discard(m_core.scratch);
    if (got.ended) {
      return close();
    }
    if (got.wait != Wait::none) {
      break;
    }
  }
  wait(Wait::read);
}

void ServerConnection::drain() {
  guard([&] {
    if (m_channel) {
      m_channel->end();
      return flush_stream();
    }
    read(); // what has come already is served
    if (phase() == Phase::idle) {
      close();
    }
  });
}

void ServerConnection::expire() {
  guard([&] {
    const bool can_answer = m_transport.is_established();
    if (phase() == Phase::head && can_answer) {
      return refuse(408, "the head of the request did not come in time");
    }
    if (phase() == Phase::body) {
      return refuse(408, "the body of the request comes too slowly");
    }
    close();
  });
}

void ServerConnection::close() {
  if (std::exchange(m_is_closed, true)) {
    return;
  }
  const auto self = shared_from_this(); // the table may be the last to hold it
  release_request();
  release_received();
  if (m_channel) {
    std::exchange(m_channel, nullptr)->close();
    --m_core.streams;
  }
  m_transport.close();
  m_core.table.remove(*this);
  --m_core.connections;
  m_core.on_leave();
}

} // namespace teal::http
