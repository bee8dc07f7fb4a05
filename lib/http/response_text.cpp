#include "http/response_text.hpp"

#include "core/error.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace teal::http {

namespace {

/// What would end a line could add a header of a stranger's choice.
void require_clean(const Header& header) {
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  };
  const bool bad_name = header.name.empty() || header.name.find_first_of(" \t:") != std::string::npos;
  if (bad_name || std::any_of(header.name.begin(), header.name.end(), is_control) ||
      std::any_of(header.value.begin(), header.value.end(), is_control)) {
    throw Error(ErrorKind::internal, "cannot respond: a header has a character that is not allowed there");
  }
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), in no locale's words.
std::string http_date(std::chrono::sys_seconds now) {
  constexpr std::array<const char*, 7> k_days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = now.time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", k_days.at(static_cast<std::size_t>(parts.tm_wday)),
                     parts.tm_mday, k_months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string framing_headers(int status, const Framing& framing) {
  std::string text;
  const bool never_has_body = status == 204 || status == 304;
  if (framing.length && !never_has_body) {
    text += fmt::format("Content-Length: {}\r\n", *framing.length);
  } else if (!framing.length && !framing.is_http_10) {
    text += "Transfer-Encoding: chunked\r\n";
  }
  if (!framing.keeps_alive) {
    text += "Connection: close\r\n";
  } else if (framing.is_http_10) {
    text += "Connection: keep-alive\r\n";
  }
  return text;
}

} // namespace

std::string response_head(const ServerResponse& response, const Framing& framing, std::chrono::sys_seconds now) {
  if (response.status < 200 || response.status > 599) {
    throw Error(ErrorKind::internal, fmt::format("cannot respond with status {}", response.status));
  }
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  std::string text = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                                 std::string_view(reason.data(), reason.size()), http_date(now));
  for (const Header& header : response.headers) {
    require_clean(header);
    text += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  return text + framing_headers(response.status, framing) + "\r\n";
}

std::string chunk_of(std::string_view bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

} // namespace teal::http
