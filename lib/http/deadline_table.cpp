#include "http/deadline_table.hpp"

namespace teal::http {

void DeadlineTable::add(const std::shared_ptr<Tenant>& tenant, Phase phase) {
  List& into = list(phase);
  into.push_back(tenant);
  tenant->m_position = std::prev(into.end());
  tenant->m_phase = phase;
  ++m_size;
  set_due(*tenant);
}

void DeadlineTable::enter(Tenant& tenant, Phase phase) {
  List& into = list(phase);
  into.splice(into.end(), list(tenant.m_phase), tenant.m_position);
  tenant.m_phase = phase;
  set_due(tenant);
}

void DeadlineTable::remove(Tenant& tenant) {
  list(tenant.m_phase).erase(tenant.m_position);
  if (--m_size == 0) { // nobody is left to ring for
    m_armed_for = SteadyTime::max();
    m_timer.cancel();
  }
}

std::shared_ptr<Tenant> DeadlineTable::oldest(Phase phase) const {
  return list(phase).empty() ? nullptr : list(phase).front();
}

void DeadlineTable::set_due(Tenant& tenant) {
  const auto time = m_times.at(static_cast<std::size_t>(tenant.m_phase));
  if (!time) {
    return;
  }
  tenant.m_due = std::chrono::steady_clock::now() + *time;
  if (tenant.m_due < m_armed_for) {
    arm(tenant.m_due);
  }
}

void DeadlineTable::arm(SteadyTime due) {
  m_armed_for = due;
  m_timer.expires_at(due);
  m_timer.async_wait([this](const boost::system::error_code& error) {
    if (!error && m_armed_for != SteadyTime::max()) {
      ring();
    }
  });
}

void DeadlineTable::ring() {
  m_armed_for = SteadyTime::max();
  const SteadyTime now = std::chrono::steady_clock::now();
  SteadyTime next = SteadyTime::max();
  for (std::size_t phase = 0; phase < k_phases; ++phase) {
    List& waiting = m_lists.at(phase);
    while (m_times.at(phase) && !waiting.empty() && waiting.front()->m_due <= now) {
      const std::shared_ptr<Tenant> tenant = waiting.front();
      tenant->expire();
    }
  }
  for (std::size_t phase = 0; phase < k_phases; ++phase) {
    if (m_times.at(phase) && !m_lists.at(phase).empty()) {
      next = std::min(next, m_lists.at(phase).front()->m_due);
    }
  }
  if (next < m_armed_for) {
    arm(next);
  }
}

} // namespace teal::http
