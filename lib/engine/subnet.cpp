#include "engine/subnet.hpp"

#include "core/text.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace teal::engine {

namespace {

constexpr unsigned k_longest_prefix = 28; ///< 16 addresses: 5 of ours
constexpr std::uint32_t k_reserved = 2;   ///< the network's own address, and the gateway's

std::string dotted(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 255U, (address >> 8U) & 255U, address & 255U);
}

} // namespace

std::optional<Subnet> Subnet::parse(std::string_view text) {
  const auto slash = text.find('/');
  in_addr address{};
  if (slash == std::string_view::npos ||
      ::inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(), &address) != 1) {
    return std::nullopt;
  }
  const auto prefix = parse_integer(text.substr(slash + 1));
  if (!prefix || *prefix < 1 || *prefix > k_longest_prefix) {
    return std::nullopt;
  }
  return Subnet(ntohl(address.s_addr), static_cast<unsigned>(*prefix));
}

std::string Subnet::text() const {
  return fmt::format("{}/{}", dotted(m_base), m_prefix);
}

std::string Subnet::gateway() const {
  return dotted(m_base + 1);
}

std::string Subnet::upper_half() const {
  return fmt::format("{}/{}", dotted(m_base + half()), m_prefix + 1);
}

std::optional<std::string> Subnet::free_address(std::uint64_t start, const std::set<std::string>& taken) const {
  const std::uint32_t count = half() - k_reserved;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string address = dotted(m_base + k_reserved + static_cast<std::uint32_t>((start + i) % count));
    if (!taken.contains(address)) {
      return address;
    }
  }
  return std::nullopt;
}

} // namespace teal::engine
