#include "upkeep/lives.hpp"

#include "core/text.hpp"
#include "target/docker/health.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr std::chrono::minutes k_recent(10);

/// The engine forgets the exit code of a container that runs again, but not the event.
LastExit last_exit_of(engine::Containers& containers, engine::Container container) {
  const auto death = containers.last_death(container.id);
  LastExit last{.code = container.exit_code, .cause = {}, .at = container.finished};
  if (death) {
    container.out_of_memory = container.out_of_memory || death->out_of_memory;
  }
  if (container.running) {
    if (!death) {
      return {.code = std::nullopt, .cause = "ended", .at = container.finished};
    }
    container.exit_code = death->exit_code;
    container.error.clear();
    last.code = death->exit_code;
  }
  last.cause = describe_exit(container);
  return last;
}

std::string describe_restarts(const Lives& lives, const std::string& since) {
  return lives.restarts == 0
             ? ""
             : fmt::format("restarted {} time{}{}", lives.restarts, lives.restarts == 1 ? "" : "s", since);
}

std::string describe_state(const Lives& lives, const std::string& restarts) {
  if (lives.running) {
    return restarts;
  }
  return fmt::format("{} {}{}", lives.state == "exited" ? "has" : "is", lives.state,
                     restarts.empty() ? "" : " (" + restarts + ")");
}

} // namespace

Lives lives_of(engine::Containers& containers, const engine::Container& container) {
  Lives lives{.state = container.status,
              .running = container.running,
              .restarts = container.restarts,
              .since = container.created,
              .last_exit = {}};
  const bool was_alive = container.status != "created" || !container.error.empty();
  if (lives.restarts > 0 || (!container.running && was_alive && container.status != "paused")) {
    lives.last_exit = last_exit_of(containers, container);
  }
  return lives;
}

std::string describe_briefly(const Lives& lives) {
  return describe_state(lives, describe_restarts(lives, ""));
}

std::string describe(const Lives& lives, TimePoint now) {
  const std::string since = lives.since ? " since " + format_time(*lives.since) : "";
  std::string text = describe_state(lives, describe_restarts(lives, since));
  if (lives.last_exit) {
    text += fmt::format("; last it {}", lives.last_exit->cause);
    if (lives.last_exit->at) {
      const std::string age = format_age(now - *lives.last_exit->at);
      text += age == "just now" ? ", " + age : fmt::format(", {} ago", age);
    }
  }
  return text;
}

bool is_in_trouble(const Lives& lives, TimePoint now) {
  const bool recent = lives.last_exit && lives.last_exit->at && now - *lives.last_exit->at < k_recent;
  return !lives.running || (lives.restarts > 0 && recent);
}

} // namespace teal
