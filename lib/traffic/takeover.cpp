#include "traffic/takeover.hpp"

#include <fmt/format.h>

namespace teal {

std::string Takeover::move(const Running& successor) {
  const FileLock lock = m_traffic.lock();
  const auto called_off = m_traffic.take_back_shift(lock, m_request.who);
  const Placement before = m_traffic.placement();
  Placement after = before;
  after.serving[m_request.color] = successor;
  if (m_request.follow) {
    after.live = m_request.color;
  }
  const bool moves = before.live && before.live != after.live;
  if (moves && !m_settings.deploy.keep_idle) {
    m_left = before.live;
    after.serving.erase(*m_left);
  }
  m_before = m_traffic.routes();
  m_traffic.route(lock, m_settings, after);
  m_is_live = after.live == m_request.color;
  return (moves ? fmt::format("live traffic from {} to {}", to_string(*before.live), to_string(m_request.color))
                : fmt::format("{}requests to {}", m_is_live ? "live " : "", m_request.what)) +
         (called_off ? fmt::format("; {}, is called off", describe(*called_off)) : "");
}

void Takeover::undo() {
  if (m_before) {
    const FileLock lock = m_traffic.lock();
    m_traffic.put_back(lock, *m_before);
  }
}

} // namespace teal
