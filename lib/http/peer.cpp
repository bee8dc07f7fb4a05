#include "http/peer.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace teal::http {

namespace {

using Bytes = std::vector<unsigned char>;

/// 4 or 16 bytes; an IPv4 address as an IPv6 socket names it ("::ffff:1.2.3.4") is the same as by itself.
std::optional<Bytes> parse_address(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return Bytes(bytes.begin(), bytes.begin() + 4);
  }
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) {
    return std::nullopt;
  }
  constexpr std::array<unsigned char, 12> k_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool is_mapped = std::equal(k_mapped.begin(), k_mapped.end(), bytes.begin());
  return Bytes(bytes.begin() + (is_mapped ? 12 : 0), bytes.end());
}

std::string text_of(const Bytes& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

/// An address as proxies write it, some with a port: "1.2.3.4:567", "[2001:db8::1]:567".
std::optional<std::string> hop_of(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    text = text.substr(1, end == std::string_view::npos ? end : end - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  const auto bytes = parse_address(std::string(text));
  return bytes ? std::optional(text_of(*bytes)) : std::nullopt;
}

bool share_prefix(const Bytes& one, const Bytes& two, unsigned bits) {
  if (one.size() != two.size()) {
    return false;
  }
  for (std::size_t at = 0; bits != 0; ++at) {
    const unsigned here = std::min(bits, 8U);
    const unsigned mask = 0xffU << (8U - here) & 0xffU;
    if (((one.at(at) ^ two.at(at)) & mask) != 0) {
      return false;
    }
    bits -= here;
  }
  return true;
}

} // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& ranges) {
  for (const std::string& text : ranges) {
    const std::size_t slash = text.find('/');
    const auto bytes = parse_address(text.substr(0, slash));
    const auto most = static_cast<std::int64_t>(bytes ? bytes->size() * 8 : 0);
    const auto prefix =
        slash == std::string::npos ? std::optional(most) : parse_integer(std::string_view(text).substr(slash + 1));
    if (!bytes || !prefix || *prefix < 0 || *prefix > most) {
      throw Error(ErrorKind::settings, fmt::format("'{}' is no address and no range of them, as '10.0.0.0/8' is",
                                                   shorten(printable(text), 80)));
    }
    m_ranges.push_back({*bytes, static_cast<unsigned>(*prefix)});
  }
}

bool TrustedProxies::is_trusted(const std::string& address) const {
  const auto bytes = parse_address(address);
  return bytes && std::any_of(m_ranges.begin(), m_ranges.end(),
                              [&](const Range& range) { return share_prefix(range.bytes, *bytes, range.prefix); });
}

std::string TrustedProxies::client_of(const ServerRequest& request) const {
  std::string client = request.peer;
  const std::string forwarded = request.headers.joined("X-Forwarded-For");
  if (trim(forwarded).empty()) {
    return client;
  }
  const std::vector<std::string> hops = split(forwarded, ',');
  for (auto hop = hops.rbegin(); hop != hops.rend() && is_trusted(client); ++hop) {
    const auto before = hop_of(*hop);
    if (!before) {
      break;
    }
    client = *before;
  }
  return client;
}

std::string rate_key(const std::string& address) {
  auto bytes = parse_address(address);
  if (!bytes) {
    return address;
  }
  if (bytes->size() == 16) {
    std::fill(bytes->begin() + 8, bytes->end(), static_cast<unsigned char>(0));
  }
  return text_of(*bytes);
}

} // namespace teal::http
