/// @file
/// AppJson: what a commit's app.json says of health and of how many there are, as Dokku and Heroku read it.
///
/// Facts of the format are Dokku's: `healthchecks` are lists by process, of which those of type "startup" decide on a
/// deployment; times are whole seconds; `attempts` are 3, `timeout` and `wait` 5 where they are not given.
#pragma once

#include "config/load.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace teal {

struct AppJson {
  /// The first startup check of web.
  struct Check {
    HealthSettings asks;                  ///< kind, path, command and host; of the times what is given
    std::optional<Milliseconds> timeout;  ///< of one attempt
    std::optional<Milliseconds> deadline; ///< of all: where attempts, wait or initialDelay is given
    std::optional<Milliseconds> settle;   ///< of uptime
    std::string origin;                   ///< "path:line"
  };
  std::optional<Check> web;
  std::map<std::string, std::int64_t> quantities; ///< of the formation
  std::vector<std::string> ignored;               ///< what is there and not heeded: "healthchecks.worker"
};

/// Throws Error(settings) "path:line: …" for what is no JSON, or of the wrong kind where it counts.
[[nodiscard]] AppJson parse_app_json(const SettingsText& text);

} // namespace teal
