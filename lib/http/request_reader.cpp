#include "http/request_reader.hpp"

#include "core/text.hpp"

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace teal::http {

namespace {

namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::array<std::string_view, 7> k_methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

std::string_view view_of(beast::string_view text) {
  return {text.data(), text.size()};
}

/// A body that grows with what has come: what a stranger only announces costs nothing.
struct GrowingBody {
  struct value_type { // NOLINT(readability-identifier-naming): Beast's name
    std::string text;
    std::size_t limit = 0;
  };

  class reader { // NOLINT(readability-identifier-naming): Beast's name
  public:
    template <bool IsRequest, class Fields>
    reader(beast::http::header<IsRequest, Fields>& /*head*/, value_type& body) : m_body(body) {}

    void init(const boost::optional<std::uint64_t>& /*length*/, error_code& fault) { fault = {}; }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& fault) {
      fault = {};
      std::size_t taken = 0;
      for (const auto buffer : beast::buffers_range(buffers)) {
        if (buffer.size() > m_body.limit - m_body.text.size()) {
          fault = beast::http::error::body_limit;
          return taken;
        }
        m_body.text.append(static_cast<const char*>(buffer.data()), buffer.size());
        taken += buffer.size();
      }
      return taken;
    }

    void finish(error_code& fault) { fault = {}; }

  private:
    value_type& m_body;
  };
};

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

} // namespace

struct RequestReader::Parser : beast::http::request_parser<GrowingBody> {};

RequestReader::RequestReader(std::size_t head_limit) : m_head_limit(head_limit), m_parser(std::make_unique<Parser>()) {
  m_parser->header_limit(static_cast<std::uint32_t>(head_limit));
  m_parser->body_limit(boost::none); // GrowingBody's own
}
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;
RequestReader::~RequestReader() = default;

std::size_t RequestReader::body_size() const {
  return m_state == State::body ? m_parser->get().body().text.size() : m_request.body.size();
}

bool RequestReader::has_body() const {
  return !m_parser->is_done();
}

void RequestReader::refuse(int status, std::string_view reason) {
  m_refusal = error_response(status, reason);
  m_state = State::refused;
}

std::size_t RequestReader::feed(std::string_view bytes) {
  using beast::http::error;
  std::size_t taken = 0;
  // An empty line before a request line is of a sloppy client that ended a body with one (RFC 9112, 2.2).
  while (m_state == State::head && !m_parser->got_some() && bytes.substr(taken).starts_with("\r\n")) {
    taken += 2;
  }
  while (taken < bytes.size() && (m_state == State::head || m_state == State::body)) {
    error_code fault;
    const std::size_t more = m_parser->put({bytes.data() + taken, bytes.size() - taken}, fault);
    taken += more;
    if (m_state == State::head && m_parser->is_header_done()) {
      finish_head();
    } else if (m_state == State::body && m_parser->is_done()) {
      finish_body();
    } else if (fault == error::need_more || (!fault && more == 0)) {
      if (bytes.size() - taken <= m_head_limit) {
        break;
      }
      refuse(431, "a part of the request is longer than what is taken");
    } else if (fault) {
      refuse_for(fault.message(), fault == error::header_limit);
      if (fault == error::body_limit) {
        refuse(413, "the body is larger than what is taken here");
      }
    }
  }
  return taken;
}

void RequestReader::refuse_for(const std::string& fault, bool too_long) {
  if (too_long) {
    refuse(431, fmt::format("the request line and headers are longer than {}", format_size(m_head_limit)));
  } else {
    refuse(400, fmt::format("no valid HTTP/1.1 request: {}", fault));
  }
}

void RequestReader::finish_head() {
  const auto& head = m_parser->get();
  m_is_http_10 = head.version() == 10;
  m_keeps_alive = m_parser->keep_alive();
  m_request.method = std::string(view_of(head.method_string()));
  m_request.target = std::string(view_of(head.target()));
  for (const auto& field : head) {
    m_request.headers.add(std::string(view_of(field.name_string())), std::string(view_of(field.value())));
  }
  if (std::find(k_methods.begin(), k_methods.end(), m_request.method) == k_methods.end()) {
    refuse(405, "the method is none of GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS");
    m_refusal.headers.add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  } else if (read_fields() && check_body_headers() && read_target()) {
    m_state = State::admission;
  }
}

bool RequestReader::read_fields() {
  const HeaderList& headers = m_request.headers;
  if (headers.count("Host") != (m_is_http_10 ? headers.count("Host") : 1)) {
    refuse(400, "a request of HTTP/1.1 has one Host header");
  } else if (const std::string expected = headers.joined("Expect"); equal_names(expected, "100-continue")) {
    m_expects_continue = !m_is_http_10;
    return true;
  } else if (!expected.empty()) {
    refuse(417, "only 100-continue can be expected");
  }
  return m_state != State::refused;
}

bool RequestReader::check_body_headers() {
  const HeaderList& headers = m_request.headers;
  const std::string transfer = headers.joined("Transfer-Encoding");
  const std::string content = headers.joined("Content-Encoding");
  if (headers.count("Transfer-Encoding") != 0 && (!equal_names(transfer, "chunked") || m_is_http_10)) {
    refuse(400, "the only Transfer-Encoding that is taken is 'chunked'");
  } else if (headers.count("Content-Encoding") != 0 && !content.empty() && !equal_names(content, "identity")) {
    refuse(415, "a body is taken without Content-Encoding only");
  }
  return m_state != State::refused;
}

bool RequestReader::read_target() {
  std::string_view target = m_request.target;
  for (const std::string_view scheme : {"http://", "https://"}) { // as it is sent to proxies (RFC 9112, 3.2.2)
    if (equal_names(target.substr(0, scheme.size()), scheme)) {
      const std::size_t slash = target.find('/', scheme.size());
      target = slash == std::string_view::npos ? "/" : target.substr(slash);
      break;
    }
  }
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  const auto path = percent_decode(target.substr(0, mark));
  const bool is_star = target == "*" && m_request.method == "OPTIONS";
  if (!path || has_control_character(*path) || (!is_star && !path->starts_with('/'))) {
    refuse(400, "the request's target is no path");
    return false;
  }
  m_request.path = *path;
  m_request.query = mark == std::string_view::npos ? "" : std::string(target.substr(mark + 1));
  return true;
}

void RequestReader::admit(std::size_t body_limit) {
  const auto length = m_parser->content_length();
  if (length && *length > body_limit) {
    refuse(413, fmt::format("the body is larger than {}", format_size(body_limit)));
    return;
  }
  m_state = State::body;
  m_parser->get().body().limit = body_limit;
  m_parser->eager(true);
  if (m_parser->is_done()) {
    finish_body();
  }
}

void RequestReader::finish_body() {
  m_request.body = std::move(m_parser->get().body().text);
  m_state = State::complete;
}

} // namespace teal::http
