#include "http/client.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "http/connection.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace teal::http {

namespace {

namespace beast = boost::beast;
using beast::http::field;
using Message = beast::http::request<beast::http::span_body<const char>>; // the body is not copied
using Parser = beast::http::response_parser<beast::http::string_body>;

constexpr std::uint32_t k_header_limit = 64U << 10U;
constexpr unsigned k_http_11 = 11;
constexpr unsigned k_refusals = 400; ///< the first of them

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string host_header(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::unix_socket) {
    return "localhost";
  }
  const bool usual = endpoint.port == (endpoint.kind == Endpoint::Kind::tls ? 443 : 80);
  return usual ? host_of(endpoint) : fmt::format("{}:{}", host_of(endpoint), endpoint.port);
}

/// What would end a line or a word of the request's head could add a header of a stranger's choice.
void require_clean(std::string_view what, std::string_view text, bool spaces_allowed) {
  const bool clean = std::all_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte > 0x20 && byte != 0x7f) || (spaces_allowed && (c == ' ' || c == '\t'));
  });
  if (!clean) {
    throw Error(ErrorKind::usage, fmt::format("cannot send the {} '{}': it has a character that is not allowed there",
                                              what, shorten(printable(text), 80)));
  }
}

Message message_of(const Request& request, const Endpoint& endpoint) {
  require_clean("method", request.method, false);
  require_clean("target", request.target, false);
  Message message;
  message.version(k_http_11);
  message.method_string(request.method);
  message.target(request.target);
  message.set(field::host, host_header(endpoint));
  for (const auto& [name, value] : request.headers) {
    require_clean("header name", name, false);
    require_clean("header", value, true);
    message.set(name, value);
  }
  message.body() = {request.body.data(), request.body.size()};
  message.prepare_payload();
  return message;
}

/// RFC 9110, 9.2.2: what may be sent again though the first may have arrived.
bool is_idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 5> k_methods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
  return std::find(k_methods.begin(), k_methods.end(), method) != k_methods.end();
}

Response response_of(Parser& parser) {
  Response response;
  auto message = parser.release();
  response.status = static_cast<int>(message.result_int());
  for (const auto& header : message) {
    const auto name = header.name_string();
    const auto value = header.value();
    response.headers.insert_or_assign(lower_case({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  response.body = std::move(message.body());
  return response;
}

[[noreturn]] void fail(const Endpoint& endpoint, const Result& result, const Limits& limits) {
  const std::string address = address_of(endpoint);
  if (result.interrupted) {
    throw Error(ErrorKind::busy, "it was cancelled");
  }
  if (result.expired) {
    throw Error(ErrorKind::timeout,
                fmt::format("no whole answer from {} within {}", address, format_duration(limits.total)));
  }
  if (result.error == beast::http::error::body_limit) {
    throw Error(ErrorKind::environment,
                fmt::format("the answer from {} is larger than {}", address, format_size(limits.body)));
  }
  if (result.error == beast::http::error::end_of_stream) {
    throw Error(ErrorKind::environment, fmt::format("{} closed the connection without an answer", address));
  }
  if (result.error == beast::http::error::partial_message) {
    throw Error(ErrorKind::environment, fmt::format("{} closed the connection within its answer", address));
  }
  const bool malformed = result.error.category() == make_error_code(beast::http::error::bad_version).category();
  throw Error(ErrorKind::environment, fmt::format("{} {}: {}", malformed ? "no valid HTTP from" : "lost connection to",
                                                  address, words_of(result.error)));
}

} // namespace

struct Client::Exchange {
  explicit Exchange(Endpoint to) : endpoint(std::move(to)), connection(endpoint) {}

  Response request(const Request& request, const Limits& limits);
  Result attempt(const Message& message, const Request& request, const Limits& limits, SteadyTime deadline);
  Result read(const Request& request, const Limits& limits, SteadyTime deadline);
  Result read_head(const Request& request, const Limits& limits, SteadyTime deadline);
  Result pass_on_body(const Request& request, SteadyTime deadline);

  Endpoint endpoint;
  Connection connection;
  beast::flat_buffer received;
  std::optional<Parser> parser; ///< of the current answer
};

Response Client::Exchange::request(const Request& request, const Limits& limits) {
  const auto start = std::chrono::steady_clock::now();
  const auto deadline = start + limits.total;
  const Message message = message_of(request, endpoint);
  connection.interrupt_by(limits.interrupt);
  bool kept = received.size() == 0 && connection.is_usable();
  for (;;) {
    if (!kept) {
      const Milliseconds patience = std::min(limits.connect, limits.total);
      received.clear();
      connection.open(start + patience, patience);
    }
    const Result result = attempt(message, request, limits, deadline);
    if (result.succeeded()) {
      break;
    }
    connection.close();
    if (!kept || result.expired || result.interrupted || parser->got_some() || !is_idempotent(request.method)) {
      fail(endpoint, result, limits);
    }
    kept = false;
  }
  if (!parser->keep_alive()) {
    connection.close();
  }
  return response_of(*parser);
}

Result Client::Exchange::attempt(const Message& message, const Request& request, const Limits& limits,
                                 SteadyTime deadline) {
  parser.emplace();
  const Result sent = connection.await(
      deadline, [&](auto& stream, auto handler) { beast::http::async_write(stream, message, std::move(handler)); });
  // A server may refuse a large body with an answer before it has read all of it.
  const bool cut_off =
      sent.error == boost::system::errc::broken_pipe || sent.error == boost::system::errc::connection_reset;
  if (!sent.succeeded() && !cut_off) {
    return sent;
  }
  const Result answered = read(request, limits, deadline);
  return cut_off && !answered.succeeded() ? sent : answered;
}

Result Client::Exchange::read(const Request& request, const Limits& limits, SteadyTime deadline) {
  const Result head = read_head(request, limits, deadline);
  if (!head.succeeded()) {
    return head;
  }
  if (request.on_body && parser->get().result_int() < k_refusals) {
    return pass_on_body(request, deadline);
  }
  return connection.await(deadline, [&](auto& stream, auto handler) {
    beast::http::async_read(stream, received, *parser, std::move(handler));
  });
}

Result Client::Exchange::read_head(const Request& request, const Limits& limits, SteadyTime deadline) {
  Result result;
  do { // 1xx answers only announce the one that counts
    parser.emplace();
    parser->header_limit(k_header_limit);
    parser->body_limit(limits.body);
    parser->skip(request.method == "HEAD");
    result = connection.await(deadline, [&](auto& stream, auto handler) {
      beast::http::async_read_header(stream, received, *parser, std::move(handler));
    });
  } while (result.succeeded() && parser->get().result_int() / 100 == 1);
  return result;
}

Result Client::Exchange::pass_on_body(const Request& request, SteadyTime deadline) try {
  parser->body_limit(boost::none);
  Result result;
  while (result.succeeded() && !parser->is_done()) {
    result = connection.await(deadline, [&](auto& stream, auto handler) {
      beast::http::async_read_some(stream, received, *parser, std::move(handler));
    });
    std::string& body = parser->get().body();
    if (!body.empty()) {
      request.on_body(body);
      body.clear();
    }
  }
  return result;
} catch (...) {
  connection.close();
  throw;
}

Client::Client(Endpoint endpoint) : m_exchange(std::make_unique<Exchange>(std::move(endpoint))) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Response Client::request(const Request& request, const Limits& limits) {
  return m_exchange->request(request, limits);
}

} // namespace teal::http
