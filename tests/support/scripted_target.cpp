#include "support/scripted_target.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr std::uint16_t k_port = 9000;

std::string slot_name(const std::string& app, Color color) {
  return Slot{"", app, color, ""}.current_name();
}

std::string slot_name(const Running& running) {
  return slot_name(running.app, running.color.value());
}

template <class Map>
std::optional<Running> find_in(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

void ScriptedWorld::at(const std::string& call, std::function<void()> what) {
  const std::lock_guard lock(m_mutex);
  m_hooks[call] = std::move(what);
}

void ScriptedWorld::call(const std::string& name) {
  std::function<void()> hook;
  {
    const std::lock_guard lock(m_mutex);
    m_calls.push_back(name);
    if (const auto found = m_hooks.find(name); found != m_hooks.end()) {
      hook = found->second;
    }
  }
  if (hook) {
    hook();
  }
}

std::vector<std::string> ScriptedWorld::calls() const {
  const std::lock_guard lock(m_mutex);
  return m_calls;
}

bool ScriptedWorld::was_called(const std::string& name) const {
  const auto all = calls();
  return std::find(all.begin(), all.end(), name) != all.end();
}

void ScriptedWorld::forget_calls() {
  const std::lock_guard lock(m_mutex);
  m_calls.clear();
}

Running ScriptedWorld::serve(const std::string& app, Color color, std::int64_t deployment, std::int64_t release) {
  const std::lock_guard lock(m_mutex);
  return m_current[slot_name(app, color)] = scripted_running(app, color, deployment, release);
}

Running ScriptedWorld::start_next(const Running& running) {
  const std::lock_guard lock(m_mutex);
  return m_next[slot_name(running)] = running;
}

void ScriptedWorld::retire(const Running& running) {
  const std::lock_guard lock(m_mutex);
  m_retired.push_back(running);
}

void ScriptedWorld::stop(const std::string& app, Color color) {
  const std::lock_guard lock(m_mutex);
  Running& running = m_current.at(slot_name(app, color));
  running.runs = false;
  running.state = "exited";
  running.address = "";
}

void ScriptedWorld::remove(const std::string& app, Color color) {
  const std::lock_guard lock(m_mutex);
  m_current.erase(slot_name(app, color));
}

std::optional<Running> ScriptedWorld::current(const std::string& app, Color color) const {
  const std::lock_guard lock(m_mutex);
  return find_in(m_current, slot_name(app, color));
}

std::optional<Running> ScriptedWorld::next(const std::string& app, Color color) const {
  const std::lock_guard lock(m_mutex);
  return find_in(m_next, slot_name(app, color));
}

std::vector<Running> ScriptedWorld::retired() const {
  const std::lock_guard lock(m_mutex);
  return m_retired;
}

Running scripted_running(const std::string& app, Color color, std::int64_t deployment, std::int64_t release) {
  return {.id = fmt::format("{}-{}", slot_name(app, color), deployment),
          .name = slot_name(app, color),
          .runs = true,
          .state = "running",
          .app = app,
          .color = color,
          .deployment = deployment,
          .release = release,
          .commit = std::string(40, 'b'),
          .address = fmt::format("127.0.0.{}", 1 + deployment),
          .port = k_port};
}

/// Its calls are those of a real one: what it tells as steps, and what it does to its world.
class ScriptedRollout final : public Rollout {
public:
  ScriptedRollout(ScriptedWorld& world, const RolloutOrder& order)
      : m_world(world), m_order(order), m_name(order.slot.current_name()) {}

  [[nodiscard]] Release produce(const git::Repository& /*repository*/) override {
    const Event& event = m_order.deployment.event;
    Release release{.app = m_order.slot.app, .commit = event.new_commit, .subject = event.subject};
    step(StepName::checkout, "1 file changed");
    step(StepName::build, "2 of 2 layers cached");
    release.identity = fmt::format("{}:{}", release.commit, m_order.deployment.id);
    release.created = SystemClock().now();
    return release;
  }
  [[nodiscard]] Release obtain() override {
    const Event& event = m_order.deployment.event;
    step(StepName::pull, "");
    return {
        .app = m_order.slot.app, .subject = event.subject, .identity = event.artifact, .created = SystemClock().now()};
  }
  [[nodiscard]] std::string publish(const Release& release) override {
    m_world.call("publish");
    return "scripted:" + release.identity;
  }
  void fetch(const Release& /*release*/) override {
    if (m_order.deployment.event.artifact.empty()) {
      step(StepName::pull, "already here");
    }
  }
  void prepare(const Release& /*release*/) override { m_world.call("prepare"); }

  [[nodiscard]] std::string start(const Release& release) override {
    Running running = scripted_running(m_order.slot.app, m_order.slot.color, m_order.deployment.id, release.id);
    running.commit = release.commit;
    if (!m_order.has_router) {
      running.published = m_order.plan.settings.ports.at(m_order.slot.color);
      running.has_published_port = true;
    }
    m_world.start_next(running);
    m_is_under_way = true;
    m_world.call("start");
    if (!m_order.has_router) {
      m_order.await_published();
    }
    return m_name;
  }
  [[nodiscard]] std::string check() override {
    m_world.call("check");
    return "GET / -> 200";
  }
  void confirm() override { m_world.call("confirm"); }
  [[nodiscard]] Running successor() override {
    m_world.call("successor");
    return m_world.next(m_order.slot.app, m_order.slot.color).value();
  }
  [[nodiscard]] std::string take_over() override {
    m_world.call("take over");
    {
      const std::lock_guard lock(m_world.m_mutex);
      if (const auto before = find_in(m_world.m_current, m_name)) {
        m_world.m_retired.push_back(*before);
      }
      m_world.m_current[m_name] = m_world.m_next.at(m_name);
      m_world.m_next.erase(m_name);
    }
    m_is_under_way = false;
    try {
      m_world.call("retire processes");
      return "";
    } catch (const Error& error) {
      return error.message();
    }
  }
  [[nodiscard]] bool is_under_way() const override { return m_is_under_way; }
  [[nodiscard]] std::string last_words() override {
    m_world.call("last words");
    return "cannot go on: the cupboard is bare\n";
  }

private:
  void step(StepName name, const std::string& fact) {
    m_order.steps.step(name, [&] {
      m_world.call(std::string(to_string(name)));
      return fact;
    });
  }

  ScriptedWorld& m_world;
  const RolloutOrder m_order;
  std::string m_name;
  bool m_is_under_way = false;
};

std::unique_ptr<Rollout> ScriptedTarget::roll_out(const RolloutOrder& order) {
  m_world->call("roll out");
  return std::make_unique<ScriptedRollout>(*m_world, order);
}

std::vector<Error> ScriptedTarget::obstacles(const Slot& /*slot*/, const AppSettings& /*settings*/) {
  try {
    m_world->call("obstacles");
    return {};
  } catch (const Error& error) {
    return {error};
  }
}

void ScriptedTarget::require_port(const Slot& /*slot*/, const std::optional<Running>& /*current*/,
                                  const AppSettings& /*settings*/) {
  m_world->call("require port");
}

std::optional<Running> ScriptedTarget::current(const Slot& slot) {
  m_world->call("current " + slot.current_name());
  return m_world->current(slot.app, slot.color);
}

std::optional<Running> ScriptedTarget::find(const std::string& id) {
  const std::lock_guard lock(m_world->m_mutex);
  for (const auto* all : {&m_world->m_current, &m_world->m_next}) {
    for (const auto& [name, running] : *all) {
      if (running.id == id) {
        return running;
      }
    }
  }
  return std::nullopt;
}

std::vector<Running> ScriptedTarget::all() {
  const std::lock_guard lock(m_world->m_mutex);
  std::vector<Running> found = m_world->m_retired;
  for (const auto* all : {&m_world->m_current, &m_world->m_next}) {
    for (const auto& [name, running] : *all) {
      found.push_back(running);
    }
  }
  return found;
}

Settled ScriptedTarget::settle(const FileLock& /*app_lock*/, const Slot& slot, const FindRouted& find_routed,
                               std::int64_t failed) {
  const std::string name = slot.current_name();
  m_world->call("settle " + name);
  const auto next = m_world->next(slot.app, slot.color);
  if (!next) {
    return {.current = m_world->current(slot.app, slot.color), .had_successor = false};
  }
  const bool adopts = next->deployment != failed && find_routed().contains(next->id);
  const std::lock_guard lock(m_world->m_mutex);
  m_world->m_next.erase(name);
  if (adopts) {
    if (const auto before = find_in(m_world->m_current, name)) {
      m_world->m_retired.push_back(*before);
    }
    m_world->m_current[name] = *next;
  }
  return {.current = find_in(m_world->m_current, name), .had_successor = true};
}

void ScriptedTarget::retire(const Slot& slot) {
  m_world->call("retire " + slot.current_name());
  const auto current = m_world->current(slot.app, slot.color);
  if (current) {
    m_world->retire(*current);
    m_world->remove(slot.app, slot.color);
  }
}

std::vector<Running> ScriptedTarget::retired(const Slot& any) {
  std::vector<Running> found = m_world->retired();
  std::erase_if(found, [&](const Running& one) { return one.app != any.app; });
  return found;
}

void ScriptedTarget::end(const Running& retired, Milliseconds /*stop_timeout*/) {
  m_world->call("end " + retired.id);
  const std::lock_guard lock(m_world->m_mutex);
  std::erase_if(m_world->m_retired, [&](const Running& one) { return one.id == retired.id; });
}

void ScriptedTarget::tidy(const Slot& slot) {
  m_world->call("tidy " + slot.current_name());
}

Probe ScriptedTarget::probe(const Running& running, const HealthSettings& /*health*/) {
  try {
    m_world->call("probe " + running.id);
    return {.healthy = true, .answered = true, .answer = "GET / -> 200"};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::timeout) {
      throw;
    }
    return {.healthy = false, .answered = false, .answer = error.message()};
  }
}

void ScriptedTarget::prove(const Running& running, const HealthSettings& /*health*/) {
  m_world->call("prove " + running.id);
}

Revival ScriptedTarget::revive(const Slot& slot, const Tell& tell) {
  const std::string name = slot.current_name();
  m_world->call("revive " + name);
  const std::lock_guard lock(m_world->m_mutex);
  const auto found = m_world->m_current.find(name);
  if (found == m_world->m_current.end() || found->second.runs) {
    return {};
  }
  found->second = scripted_running(slot.app, slot.color, found->second.deployment, found->second.release);
  tell(name + ": was started again");
  return {.started = {found->second}, .is_well = true};
}

std::set<std::int64_t> ScriptedTarget::releases_in_use(std::string_view app) {
  std::set<std::int64_t> releases;
  for (const Running& running : all()) {
    if (running.app == app) {
      releases.insert(running.release);
    }
  }
  return releases;
}

void ScriptedTarget::discard(const Release& release, const std::vector<Release>& /*others*/) {
  m_world->call(fmt::format("discard {}", release.id));
}

std::vector<std::string> ScriptedTarget::remove(std::string_view app) {
  m_world->call(fmt::format("remove {}", app));
  return {};
}

} // namespace teal
