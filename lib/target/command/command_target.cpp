#include "target/command/command_target.hpp"

#include "core/text.hpp"
#include "process/files.hpp"
#include "target/check_out.hpp"
#include "target/services.hpp"
#include "target/target_health.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

bool has_done(const Deployment& deployment, StepName name) {
  return std::any_of(deployment.steps.begin(), deployment.steps.end(),
                     [&](const Step& step) { return step.name == name && step.status == StepStatus::done; });
}

} // namespace

CommandTarget::CommandTarget(Services& services, NamedTarget target)
    : m_services(services), m_target(std::move(target)),
      m_folders(services.home.app(m_target.app).target(m_target.name)),
      m_program(m_target.settings.command, services.environment, m_folders.root() / "running") {}

bool CommandTarget::switches_before() const {
  return m_target.settings.command.switch_ == TargetSettings::Command::Switch::before;
}

std::vector<Error> CommandTarget::obstacles() {
  std::vector<Error> found = m_program.obstacles();
  const std::uint64_t least = m_services.settings.limits.min_free_disk;
  const auto& home = m_services.home.root;
  if (const std::uint64_t free = files::available_space(home); free < least) {
    found.emplace_back(ErrorKind::environment,
                       fmt::format("{} are free where '{}' lies, and limits.min_free_disk is {}", format_size(free),
                                   home.string(), format_size(least)));
  }
  return found;
}

std::string CommandTarget::check() {
  if (const auto found = obstacles(); !found.empty()) {
    throw Error(found.front());
  }
  const std::string id = m_folders.current();
  if (!id.empty() && !files::is_folder(m_folders.folder(id))) {
    throw Error(ErrorKind::environment,
                fmt::format("'{}' leads to '{}', which is not there; to mend it: tealhook rollback {} --target {}",
                            address(), id, m_target.app, m_target.name));
  }
  const auto release = id.empty() ? std::nullopt : std::optional(m_folders.folder(id));
  const std::string runs = m_target.settings.command.user.empty() ? fmt::format("'{}' deploys it", m_program.shown())
                                                                  : m_program.check_sudo(release);
  return fmt::format("{}; {}", runs, id.empty() ? "nothing is current" : fmt::format("releases/{} is current", id));
}

std::vector<std::pair<std::string, std::string>> CommandTarget::planned_steps() const {
  const auto& settings = m_target.settings.command;
  const std::string as = settings.user.empty() ? "" : fmt::format(" as '{}'", settings.user);
  std::vector<std::pair<std::string, std::string>> steps{
      {"checkout", fmt::format("into a folder of '{}'", (m_folders.root() / "releases").string())},
      {"start", fmt::format("'{}'{}, within {}", m_program.shown(), as, format_duration(settings.deadline))}};
  const std::pair<std::string, std::string> moves{"switch", fmt::format("'{}' leads to the release", address())};
  steps.insert(steps.begin() + (switches_before() ? 1 : 2), moves);
  if (const std::string health = describe(m_target.settings.health); !health.empty()) {
    steps.insert(switches_before() ? steps.end() : steps.end() - 1, {"check", health});
  }
  return steps;
}

/// Where the link moves last, it has moved once it leads there; where it moves first, once that is proven.
bool CommandTarget::is_deployed(const Deployment& deployment, const Release& release) {
  const std::string id = deployment.from_release ? release.artifact : std::to_string(deployment.id);
  return !m_folders.previous() && m_folders.current() == id && has_done(deployment, StepName::start);
}

Release CommandTarget::produce(const PlainOrder& order, const git::Repository& repository) {
  const Event& event = order.deployment.event;
  const std::string id = std::to_string(order.deployment.id);
  order.steps.step(StepName::checkout, [&] {
    const BuildPlace place{m_folders.tree(), m_folders.tree_index(), m_services.home.app(m_target.app).submodules()};
    check_out({.repository = repository,
               .commit = event.new_commit,
               .place = place,
               .environment = m_services.environment,
               .interrupt = order.interrupt},
              [&](const std::string& warning) { order.steps.line("warning: " + warning); });
    m_folders.make(id, m_target.settings.command.shared);
    return m_folders.folder(id).string();
  });
  return {.app = event.app,
          .commit = event.new_commit,
          .subject = event.subject,
          .target = m_target.name,
          .identity = event.new_commit,
          .artifact = id,
          .created = SystemClock().now()};
}

void CommandTarget::run(const PlainOrder& order, const Release& release) {
  m_program.run({.release = m_folders.folder(release.artifact),
                 .variables = {{"TEALHOOK_APP", m_target.app},
                               {"TEALHOOK_TARGET", m_target.name},
                               {"TEALHOOK_COMMIT", release.commit},
                               {"TEALHOOK_RELEASE", std::to_string(release.id)},
                               {"TEALHOOK_RELEASE_DIR", m_folders.folder(release.artifact).string()},
                               {"TEALHOOK_SHARED_DIR", m_folders.shared().string()},
                               {"TEALHOOK_CURRENT", address()}},
                 .steps = order.steps,
                 .interrupt = order.interrupt});
}

void CommandTarget::switch_to(const PlainOrder& order, const std::string& id) {
  order.steps.step(StepName::switch_, [&] {
    const std::string before = m_folders.current();
    m_folders.switch_to(id);
    return fmt::format("current leads to releases/{}{}", id,
                       before.empty() || before == id ? "" : fmt::format(" instead of releases/{}", before));
  });
}

void CommandTarget::deploy(const PlainOrder& order, const Release& release) {
  const std::string& id = release.artifact;
  if (!files::is_folder(m_folders.folder(id))) {
    throw Error(ErrorKind::environment, fmt::format("'{}' is not there any more", m_folders.folder(id).string()));
  }
  m_has_run = false;
  if (switches_before()) {
    m_folders.note_previous();
    switch_to(order, id);
  }
  order.steps.step(StepName::start, [&] {
    run(order, release);
    return fmt::format("'{}'", m_program.shown());
  });
  m_has_run = true;
  check_health(order, m_target.settings.health);
  order.close();
  if (switches_before()) {
    m_folders.forget_previous();
  } else {
    switch_to(order, id);
  }
}

void CommandTarget::run_again(const PlainOrder& order, const std::string& id) {
  const auto release = order.find_release(id);
  if (!release) {
    return;
  }
  order.steps.line(fmt::format("'{}' runs again in releases/{} ({}), which is current", m_program.shown(), id,
                               short_commit(release->commit)));
  PlainOrder again = order;
  again.interrupt = {}; // what was cancelled is the other one
  run(again, *release);
  tell_health(order, id);
}

/// Whoever hears that the other one failed may then rely on this one.
void CommandTarget::tell_health(const PlainOrder& order, const std::string& id) {
  const TargetSettings::Health& health = m_target.settings.health;
  if (health.url.empty()) {
    return;
  }
  try {
    order.steps.line(fmt::format("releases/{} is healthy: {}", id, await_healthy(health, {})));
  } catch (const Error& error) {
    order.steps.line(fmt::format("warning: releases/{} runs again, and is not healthy: {}", id, error.what()));
  }
}

/// A program that failed has not deployed anything; one that ended well has, and that is taken back by the old one's.
void CommandTarget::undo(const PlainOrder& order) {
  m_program.end_remains(order.steps);
  if (const auto previous = m_folders.previous()) {
    m_folders.switch_back();
    if (!previous->empty()) {
      run_again(order, *previous);
    }
    m_folders.forget_previous();
  } else if (const std::string id = m_folders.current();
             !id.empty() && (m_has_run || has_done(order.deployment, StepName::start))) {
    run_again(order, id);
  }
}

} // namespace teal
