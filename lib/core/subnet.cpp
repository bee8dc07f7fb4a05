#include "core/subnet.hpp"

#include "core/text.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace teal {

namespace {

constexpr unsigned k_longest_halved = 28; ///< 16 addresses: 6 of ours
constexpr std::uint32_t k_reserved = 2;   ///< the network's own address, and the gateway's

std::string dotted(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 255U, (address >> 8U) & 255U, address & 255U);
}

std::uint32_t mask_of(unsigned prefix) {
  return prefix == 0 ? 0 : ~std::uint32_t{0} << (32U - prefix);
}

} // namespace

Subnet::Subnet(std::uint32_t address, unsigned prefix) : m_base(address & mask_of(prefix)), m_prefix(prefix) {}

std::optional<Subnet> Subnet::parse(std::string_view text) {
  const auto slash = text.find('/');
  in_addr address{};
  if (slash == std::string_view::npos ||
      ::inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(), &address) != 1) {
    return std::nullopt;
  }
  const auto prefix = parse_integer(text.substr(slash + 1));
  if (!prefix || *prefix < 0 || *prefix > 32) {
    return std::nullopt;
  }
  return Subnet(ntohl(address.s_addr), static_cast<unsigned>(*prefix));
}

std::string Subnet::text() const {
  return fmt::format("{}/{}", dotted(m_base), m_prefix);
}

bool Subnet::can_be_halved() const {
  return m_prefix >= 1 && m_prefix <= k_longest_halved;
}

std::string Subnet::gateway() const {
  return dotted(m_base + 1);
}

std::string Subnet::upper_half() const {
  return Subnet(m_base + static_cast<std::uint32_t>(size() / 2), m_prefix + 1).text();
}

std::optional<std::string> Subnet::free_address(std::uint64_t start, const std::set<std::string>& taken) const {
  const std::uint32_t count = static_cast<std::uint32_t>(size() / 2) - k_reserved;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string address = dotted(m_base + k_reserved + static_cast<std::uint32_t>((start + i) % count));
    if (!taken.contains(address)) {
      return address;
    }
  }
  return std::nullopt;
}

} // namespace teal
