#include "deploy/side_task.hpp"

#include <utility>

namespace teal {

SideTask::SideTask(std::stop_source interrupt, std::function<void()> work)
    : m_interrupt(std::move(interrupt)), m_thread([this, work = std::move(work)] { run(work); }) {}

SideTask::~SideTask() {
  m_interrupt.request_stop();
  join();
}

void SideTask::run(const std::function<void()>& work) {
  try {
    work();
    return;
  } catch (const Error& error) {
    m_fault = error;
  } catch (const std::exception& error) {
    m_fault = Error(ErrorKind::internal, error.what());
  }
  m_has_failed_first = m_interrupt.request_stop();
}

void SideTask::join() {
  if (m_thread.joinable()) {
    m_thread.join();
  }
}

void SideTask::await() {
  join();
  if (m_fault) {
    throw Error(*m_fault);
  }
}

void SideTask::fail_too() {
  m_interrupt.request_stop();
  join();
  if (m_has_failed_first) {
    throw Error(*m_fault);
  }
}

} // namespace teal
