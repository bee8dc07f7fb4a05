#include "core/subnet_pool.hpp"

#include <algorithm>

namespace teal {

SubnetPool::SubnetPool(const Subnet& range, unsigned prefix)
    : m_range(range), m_prefix(prefix), m_taken(std::size_t{1} << (prefix - range.prefix())), m_free(m_taken.size()) {}

std::size_t SubnetPool::take(const Subnet& subnet) {
  const std::uint64_t each = Subnet(0, m_prefix).size();
  const std::uint64_t first = std::max<std::uint64_t>(m_range.base(), subnet.base());
  const std::uint64_t end = std::min(m_range.base() + m_range.size(), subnet.base() + subnet.size());
  const std::size_t before = m_free;
  for (std::uint64_t address = first; address < end; address += each) {
    const std::size_t index = (address - m_range.base()) / each;
    m_free -= m_taken[index] ? 0 : 1;
    m_taken[index] = true;
  }
  return before - m_free;
}

std::optional<Subnet> SubnetPool::find_free(std::uint64_t start) const {
  for (std::size_t i = 0; i < m_taken.size(); ++i) {
    const std::size_t index = (start + i) % m_taken.size();
    if (!m_taken[index]) {
      return at(index);
    }
  }
  return std::nullopt;
}

Subnet SubnetPool::at(std::size_t index) const {
  return {m_range.base() + static_cast<std::uint32_t>(index * Subnet(0, m_prefix).size()), m_prefix};
}

} // namespace teal
