/// @file
/// Release: a commit, or what was built elsewhere, made into what its target runs; what runs, and what a rollback goes
/// back to.
#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace teal {

inline constexpr const char* k_docker_target = "docker";

struct Release {
  std::int64_t id = 0; ///< 0 until stored
  std::string app;
  std::string commit;  ///< 40 hex digits; empty where it is not known: it was built elsewhere
  std::string subject; ///< first line of the commit's message, printable; of what was built elsewhere its name
  std::string target = k_docker_target; ///< the name of what runs it
  std::string identity;                 ///< tells it from the target's other ones; only the target reads it
  std::string artifact; ///< what the target needs to run it again, likewise; empty until it is published
  TimePoint created;
};

/// The settings that a release ran with, as texts. `env` has the program's variables, and so may be secret.
struct ReleaseSettings {
  std::string settings;              ///< of app.yml
  std::optional<std::string> pushed; ///< of the commit's .tealhook.yml
  std::string env;                   ///< of run.env_file
};

} // namespace teal
