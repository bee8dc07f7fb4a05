#include "upkeep/revival.hpp"

#include "core/text.hpp"
#include "host/port_owner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <future>

namespace teal {

namespace {

constexpr std::size_t k_at_once = 16; ///< are proven
constexpr int k_quoted_lines = 5;

/// That the engine names the port, and we who has it.
std::string describe_port(const engine::Container& container) {
  for (const engine::PortBinding& binding : container.ports) {
    if (const auto owner = find_port_owner(binding.host_port)) {
      return fmt::format("; port {} is in use by {}", binding.host_port, describe(*owner));
    }
  }
  return "";
}

std::string prove_one(const engine::Engine& asked, const ReleaseHealth& health) {
  try {
    engine::Engine engine(asked.host(), asked.timeout()); // a connection of its own
    static_cast<void>(HealthCheck(engine, health.settings).wait_until_healthy(health.subject));
    return "";
  } catch (const Error& error) {
    return error.message();
  }
}

} // namespace

bool ought_to_run(const engine::Container& container, const std::optional<engine::EngineLife>& life) {
  if (container.status != "exited" && container.status != "created" && container.status != "dead") {
    return false; // the engine is at it
  }
  return !container.error.empty() || (life && container.finished && life->ended(*container.finished));
}

Revival::Revival(Services& services, Store& store, Tell tell)
    : m_services(services), m_store(store), m_tell(std::move(tell)), m_life(engine::find_life(services.engine)) {}

std::optional<Revived> Revival::start(const Slot& slot) {
  const auto current = m_services.docker.find_current(slot);
  const bool started = current && start(slot, *current);
  for (const auto& summary : m_services.docker.containers().list(slot.labels())) {
    const auto process = summary.labels.find(label::k_process);
    const bool is_further = process != summary.labels.end() && process->second != k_task_process &&
                            summary.name == slot.of_process(process->second).current_name();
    if (const auto container = is_further ? m_services.docker.containers().inspect(summary.id) : std::nullopt) {
      start(slot.of_process(process->second), *container);
    }
  }
  return started ? std::optional(Revived{slot, health_of(m_services, m_store, slot.app, *current), ""}) : std::nullopt;
}

bool Revival::start(const Slot& slot, const engine::Container& container) {
  if (container.running) {
    return false;
  }
  if (!ought_to_run(container, m_life)) {
    tell_why_it_rests(slot.current_name(), container);
    return false;
  }
  try {
    m_services.docker.containers().start(container.id);
    m_tell(fmt::format("{}: had ended with the engine, and was started again", slot.current_name()));
    return true;
  } catch (const Error& error) {
    tell_fault(slot.current_name(), fmt::format("cannot be started: {}{}", error.message(), describe_port(container)));
    return false;
  }
}

void Revival::tell_why_it_rests(const std::string& name, const engine::Container& container) {
  if (container.status == "restarting") {
    tell_fault(name, fmt::format("its program {}, and the engine starts it again and again", describe_exit(container)));
  } else {
    m_tell(fmt::format("{}: does not run ({} since {}), and stays so: somebody stopped it; start it: docker start {}",
                       name, container.status, format_time(container.finished.value_or(TimePoint())), name));
  }
}

void Revival::tell_fault(const std::string& name, const std::string& fault) {
  m_is_well = false;
  std::string words;
  try {
    words = m_services.docker.containers().last_log(name, k_quoted_lines);
  } catch (const Error&) { // what went wrong is said nevertheless
  }
  std::string text = fmt::format("{}: {}", name, fault);
  for (const std::string& line : split(printable(trim(words), true), '\n')) {
    text += line.empty() ? "" : fmt::format("\n  | {}", line);
  }
  m_tell(text);
}

void Revival::prove(std::vector<Revived>& started) {
  for (std::size_t first = 0; first < started.size(); first += k_at_once) {
    std::vector<std::future<std::string>> looks;
    for (std::size_t i = first; i < std::min(first + k_at_once, started.size()); ++i) {
      looks.push_back(
          std::async(std::launch::async, prove_one, std::cref(m_services.engine), std::cref(started[i].health)));
    }
    for (std::size_t i = 0; i < looks.size(); ++i) {
      Revived& revived = started[first + i];
      revived.fault = looks[i].get();
      if (!revived.fault.empty()) {
        tell_fault(revived.slot.current_name(), "was started again, but " + revived.fault);
      }
    }
  }
}

} // namespace teal
