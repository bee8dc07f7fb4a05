/// @file
/// Peer: who asks, behind proxies that are trusted to say so.
///
/// Invariant: what a client wrote into X-Forwarded-For itself is never believed: the header is read from the right, and
/// only as long as who added the entry is trusted.
#pragma once

#include "http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace teal::http {

class TrustedProxies {
public:
  TrustedProxies() = default; ///< nobody
  /// "10.0.0.0/8", "fd00::/8", "127.0.0.1". Throws Error(settings) for what is none.
  explicit TrustedProxies(const std::vector<std::string>& ranges);

  /// The numeric address of the client; that of the last proxy, where what it says is no address.
  [[nodiscard]] std::string client_of(const ServerRequest& request) const;

private:
  struct Range {
    std::vector<unsigned char> bytes; ///< 4 or 16
    unsigned prefix = 0;
  };
  [[nodiscard]] bool is_trusted(const std::string& address) const;

  std::vector<Range> m_ranges;
};

/// What one client's requests are counted by: an IPv4 address, or the /64 of an IPv6 one, all of which one host may
/// use.
[[nodiscard]] std::string rate_key(const std::string& address);

} // namespace teal::http
