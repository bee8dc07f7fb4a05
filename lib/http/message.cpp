#include "http/message.hpp"

#include "core/text.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::http {

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char small = lower(c);
  if (small >= 'a' && small <= 'f') {
    return static_cast<unsigned>(small - 'a') + 10U;
  }
  return std::nullopt;
}

} // namespace

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : valid_utf8(text)) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20U) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

bool equal_names(std::string_view one, std::string_view two) noexcept {
  return std::equal(one.begin(), one.end(), two.begin(), two.end(),
                    [](char left, char right) { return lower(left) == lower(right); });
}

std::string_view HeaderList::first(std::string_view name) const {
  for (const Header& header : m_headers) {
    if (equal_names(header.name, name)) {
      return header.value;
    }
  }
  return {};
}

std::optional<std::string_view> HeaderList::only(std::string_view name) const {
  return count(name) == 1 ? std::optional(first(name)) : std::nullopt;
}

std::string HeaderList::joined(std::string_view name) const {
  std::vector<std::string> values;
  for (const Header& header : m_headers) {
    if (equal_names(header.name, name)) {
      values.push_back(header.value);
    }
  }
  return join(values, ", ");
}

std::size_t HeaderList::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      m_headers.begin(), m_headers.end(), [name](const Header& header) { return equal_names(header.name, name); }));
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    const auto high = text.size() - at > 2 ? hex_digit(text[at + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[at + 2]) : std::nullopt;
    if (!low) {
      return std::nullopt;
    }
    decoded += static_cast<char>(*high << 4U | *low);
    at += 2;
  }
  return decoded;
}

std::optional<std::string> ServerRequest::parameter(std::string_view name) const {
  for (const std::string& pair : split(query, '&')) {
    std::string text = pair;
    std::replace(text.begin(), text.end(), '+', ' ');
    const std::size_t equals = text.find('=');
    const auto key = percent_decode(std::string_view(text).substr(0, equals));
    if (key && *key == name) {
      return percent_decode(equals == std::string::npos ? std::string_view()
                                                        : std::string_view(text).substr(equals + 1));
    }
  }
  return std::nullopt;
}

ServerResponse json_response(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

ServerResponse error_response(int status, std::string_view reason) {
  return json_response(status, fmt::format("{{\"error\":{}}}\n", json_text(reason)));
}

} // namespace teal::http
