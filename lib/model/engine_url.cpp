#include "model/engine_url.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace teal {

namespace {

using Scheme = EngineUrl::Scheme;

constexpr std::array<std::pair<std::string_view, Scheme>, 5> k_schemes{{{"unix://", Scheme::unix_socket},
                                                                        {"tcp://", Scheme::tcp},
                                                                        {"http://", Scheme::http},
                                                                        {"https://", Scheme::https},
                                                                        {"ssh://", Scheme::ssh}}};
constexpr const char* k_usual_socket = "/var/run/docker.sock";
constexpr std::string_view k_word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

bool is_word(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.find_first_not_of(k_word) == std::string_view::npos;
}

bool is_address(std::string_view text) {
  return text.find(':') != std::string_view::npos &&
         text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

/// Absolute, and nothing in it that a command line or a list of paths reads in another way.
bool is_socket(std::string_view path) {
  const bool is_plain = std::all_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != ':' && c != '\\' && c != '"';
  });
  const auto parts = split(path, '/');
  return path.size() > 1 && path.front() == '/' && is_plain &&
         std::find(parts.begin(), parts.end(), "..") == parts.end();
}

/// "name", "name:port", "[address]", "[address]:port".
bool read_authority(std::string_view text, EngineUrl& url) {
  const bool is_bracketed = text.starts_with('[');
  const auto end = is_bracketed ? text.find(']') : text.find(':');
  url.host = text.substr(is_bracketed ? 1 : 0, end - (is_bracketed ? 1 : 0));
  if (is_bracketed ? end == std::string_view::npos || !is_address(url.host) : !is_word(url.host)) {
    return false;
  }
  std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  rest.remove_prefix(is_bracketed ? 1 : 0);
  if (rest.empty()) {
    return true;
  }
  const auto port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
  url.port = port.value_or(0);
  return port.has_value();
}

bool read_ssh(std::string_view text, EngineUrl& url) {
  const auto slash = text.find('/');
  url.path = slash == std::string_view::npos || slash + 1 == text.size() ? k_usual_socket : text.substr(slash);
  text = text.substr(0, slash);
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    url.user = text.substr(0, at);
    text.remove_prefix(at + 1);
    if (!is_word(url.user)) {
      return false;
    }
  }
  return is_socket(url.path) && read_authority(text, url);
}

} // namespace

std::optional<EngineUrl> EngineUrl::parse(std::string_view text) {
  const auto* scheme =
      std::find_if(k_schemes.begin(), k_schemes.end(), [&](const auto& one) { return text.starts_with(one.first); });
  if (scheme == k_schemes.end()) {
    return std::nullopt;
  }
  EngineUrl url{.scheme = scheme->second, .user = {}, .host = {}, .path = {}};
  text.remove_prefix(scheme->first.size());
  bool is_good = false;
  if (url.scheme == Scheme::unix_socket) {
    url.path = text;
    is_good = is_socket(text);
  } else if (url.scheme == Scheme::ssh) {
    is_good = read_ssh(text, url);
  } else {
    is_good = read_authority(text.ends_with('/') ? text.substr(0, text.size() - 1) : text, url);
  }
  return is_good ? std::optional(url) : std::nullopt;
}

} // namespace teal
