/// @file
/// Release: a commit built into an image, by digest; what runs, and what a rollback goes back to.
#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace teal {

struct Release {
  std::int64_t id = 0; ///< 0 until stored
  std::string app;
  std::string commit;     ///< 40 hex digits
  std::string subject;    ///< first line of the commit's message, printable
  std::string repository; ///< image repository: "localhost:5000/shop"
  std::string digest;     ///< of the manifest: "sha256:" and 64 hex digits
  TimePoint created;

  /// What the engine is told to run: "localhost:5000/shop@sha256:…".
  [[nodiscard]] std::string image() const { return repository + "@" + digest; }
  [[nodiscard]] std::string commit_tag() const { return repository + ":" + commit; }
};

/// The settings that a release ran with, as texts. `env` has the program's variables, and so may be secret.
struct ReleaseSettings {
  std::string settings;              ///< of app.yml
  std::optional<std::string> pushed; ///< of the commit's .tealhook.yml
  std::string env;                   ///< of run.env_file
};

} // namespace teal
