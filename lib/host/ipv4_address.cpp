#include "host/ipv4_address.hpp"

#include "core/error.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <array>
#include <memory>

namespace teal {

std::string ipv4_address_of(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* answer = nullptr;
  const int fault = ::getaddrinfo(host.c_str(), nullptr, &wanted, &answer);
  if (fault != 0) {
    throw Error(ErrorKind::environment,
                fmt::format("no IPv4 address is known of '{}': {}", host, ::gai_strerror(fault)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(answer, &::freeaddrinfo);
  const auto* address = reinterpret_cast<const sockaddr_in*>(owned->ai_addr);
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
  return text.data();
}

} // namespace teal
