/// @file
/// Subnet: a range of IPv4 addresses that share a prefix; and in halves, the lower one for addresses that we give, the
/// upper one for those that the engine gives.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace teal {

class Subnet {
public:
  /// `address` in host byte order; what of it is beyond the prefix does not count.
  Subnet(std::uint32_t address, unsigned prefix);
  /// "172.18.0.0/16". Nothing if it is not of that form.
  [[nodiscard]] static std::optional<Subnet> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::uint32_t base() const { return m_base; }
  [[nodiscard]] unsigned prefix() const { return m_prefix; }
  [[nodiscard]] std::uint64_t size() const { return std::uint64_t{1} << (32U - m_prefix); }

  /// Whether each half has addresses to give. The rest is for one that can be halved.
  [[nodiscard]] bool can_be_halved() const;
  /// Of the host's side.
  [[nodiscard]] std::string gateway() const;
  /// "172.18.128.0/17".
  [[nodiscard]] std::string upper_half() const;
  /// How many addresses the upper half gives to containers.
  [[nodiscard]] std::uint64_t upper_addresses() const { return size() / 2 - 1; }
  /// An address of the lower half that is not in `taken`, tried from the `start`th on, around. Nothing if all are.
  [[nodiscard]] std::optional<std::string> free_address(std::uint64_t start, const std::set<std::string>& taken) const;

  bool operator==(const Subnet&) const = default;

private:
  std::uint32_t m_base;
  unsigned m_prefix;
};

} // namespace teal
