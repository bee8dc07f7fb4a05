#include "target/docker/revival.hpp"

#include "core/text.hpp"
#include "host/port_owner.hpp"
#include "target/docker/docker_target.hpp"
#include "target/docker/health.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

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

class SlotRevival {
public:
  SlotRevival(DockerSlots& docker, const std::optional<engine::EngineLife>& life, const Target::Tell& tell)
      : m_docker(docker), m_life(life), m_tell(tell) {}

  Revival run(const Slot& slot) {
    revive(slot);
    for (const Slot& other : m_docker.others(slot)) {
      if (other.process != k_task_process) {
        revive(other);
      }
    }
    return {.started = std::move(m_started), .is_well = m_is_well};
  }

private:
  void revive(const Slot& slot) {
    const auto found = m_docker.find_current(slot);
    if (!found || !start(slot, *found) || !slot.process.empty()) {
      return;
    }
    if (const auto started = m_docker.find_current(slot)) {
      m_started.push_back(running_of(*started));
    }
  }

  bool start(const Slot& slot, const engine::Container& container) {
    if (container.running) {
      return false;
    }
    if (!ought_to_run(container, m_life)) {
      tell_why_it_rests(slot.current_name(), container);
      return false;
    }
    try {
      m_docker.containers().start(container.id);
      m_tell(fmt::format("{}: had ended with the engine, and was started again", slot.current_name()));
      return true;
    } catch (const Error& error) {
      tell_fault(slot.current_name(),
                 fmt::format("cannot be started: {}{}", error.message(), describe_port(container)));
      return false;
    }
  }

  void tell_why_it_rests(const std::string& name, const engine::Container& container) {
    if (container.status == "restarting") {
      tell_fault(name,
                 fmt::format("its program {}, and the engine starts it again and again", describe_exit(container)));
    } else {
      m_tell(fmt::format("{}: does not run ({} since {}), and stays so: somebody stopped it; start it: tealhook start "
                         "{} --color {}",
                         name, container.status, format_time(container.finished.value_or(TimePoint())),
                         engine::label_of(container, label::k_app), engine::label_of(container, label::k_color)));
    }
  }

  void tell_fault(const std::string& name, const std::string& fault) {
    m_is_well = false;
    m_tell(fmt::format("{}: {}{}", name, fault, quote_last_words(m_docker.containers(), name, k_quoted_lines)));
  }

  DockerSlots& m_docker;
  const std::optional<engine::EngineLife>& m_life;
  const Target::Tell& m_tell;
  std::vector<Running> m_started;
  bool m_is_well = true;
};

} // namespace

std::string quote_last_words(engine::Containers& containers, const std::string& container, int lines) {
  std::string words;
  try {
    words = containers.last_log(container, lines);
  } catch (const Error&) { // what went wrong is said nevertheless
  }
  std::string text;
  for (const std::string& line : split(printable(trim(words), true), '\n')) {
    text += line.empty() ? "" : fmt::format("\n  | {}", line);
  }
  return text;
}

bool ought_to_run(const engine::Container& container, const std::optional<engine::EngineLife>& life) {
  if (container.status != "exited" && container.status != "created" && container.status != "dead") {
    return false; // the engine is at it
  }
  return !container.error.empty() || (life && container.finished && life->ended(*container.finished));
}

Revival revive(DockerSlots& docker, const Slot& slot, const std::optional<engine::EngineLife>& life,
               const Target::Tell& tell) {
  return SlotRevival(docker, life, tell).run(slot);
}

} // namespace teal
