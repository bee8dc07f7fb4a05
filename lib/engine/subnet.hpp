/// @file
/// Subnet: an IPv4 network in halves. The lower one is for addresses that we give, the upper one for those that the
/// engine gives.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace teal::engine {

class Subnet {
public:
  /// "172.18.0.0/16". Nothing if it is not of that form, or too small to be halved.
  [[nodiscard]] static std::optional<Subnet> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  /// Of the host's side.
  [[nodiscard]] std::string gateway() const;
  /// "172.18.128.0/17".
  [[nodiscard]] std::string upper_half() const;
  /// An address of the lower half that is not in `taken`, tried from the `start`th on, around. Nothing if all are.
  [[nodiscard]] std::optional<std::string> free_address(std::uint64_t start, const std::set<std::string>& taken) const;

private:
  Subnet(std::uint32_t base, unsigned prefix) : m_base(base), m_prefix(prefix) {}
  [[nodiscard]] std::uint32_t half() const { return 1U << (31U - m_prefix); }

  std::uint32_t m_base;
  unsigned m_prefix;
};

} // namespace teal::engine
