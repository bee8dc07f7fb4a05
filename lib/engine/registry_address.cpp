#include "engine/registry_address.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

namespace teal::engine {

namespace {

std::string_view authority(std::string_view address) {
  return address.substr(0, address.find('/'));
}

/// Past the brackets of an IPv6 address, the colon before the port.
std::size_t port_colon(std::string_view host) {
  const auto bracket = host.find(']');
  return host.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

} // namespace

std::string registry_url(std::string_view address) {
  const std::string_view where = authority(address);
  return fmt::format("{}://{}", is_loopback(where.substr(0, port_colon(where))) ? "http" : "https", where);
}

std::string path_prefix(std::string_view address) {
  const auto slash = address.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(address.substr(slash + 1)) + "/";
}

std::optional<std::uint16_t> registry_port(std::string_view address) {
  const std::string_view where = authority(address);
  const auto colon = port_colon(where);
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto port = parse_integer(where.substr(colon + 1));
  return port && *port > 0 && *port <= UINT16_MAX ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

std::string next_page(std::string_view link) {
  const auto open = link.find('<');
  const auto close = link.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      link.find("rel=\"next\"") == std::string_view::npos) {
    return {};
  }
  std::string_view target = link.substr(open + 1, close - open - 1);
  if (const auto scheme = target.find("://"); scheme != std::string_view::npos) {
    const auto path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? std::string_view() : target.substr(path);
  }
  return std::string(target);
}

} // namespace teal::engine
