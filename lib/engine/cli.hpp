/// @file
/// The engine's command line: build, pull and login, so that BuildKit and the user's credential helpers work.
///
/// Which of the host's `docker` programs is used, and how it builds, is found out once and remembered in a cache file,
/// until one of the programs or the engine changes.
#pragma once

#include "engine/engine.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace teal::engine {

enum class Builder {
  buildx,   ///< BuildKit by the buildx plugin
  buildkit, ///< BuildKit by a command line before 23, with DOCKER_BUILDKIT=1
  classic,  ///< the engine's own old builder
};
[[nodiscard]] std::string_view to_string(Builder builder) noexcept;

struct CliFacts {
  std::filesystem::path program;
  std::string version; ///< of the program: "28.2.2"
  Builder builder = Builder::classic;
};

struct BuildRequest {
  std::filesystem::path context;    ///< absolute
  std::filesystem::path dockerfile; ///< absolute
  std::string target;               ///< may be empty
  std::map<std::string, std::string> args;
  std::map<std::string, std::string> labels;
  std::vector<std::string> tags;
  Milliseconds deadline{0};
};

struct BuildResult {
  std::string image_id; ///< "sha256:…"
  int layers = 0;       ///< steps of the Dockerfile that make or copy something, where the builder tells
  int cached = 0;       ///< of them, taken from the cache
};

/// Told output as it comes, for the deployment's log.
using OutputSink = std::function<void(std::string_view)>;

/// Several threads may use one Cli at a time, also while another calls the engine's API.
class Cli {
public:
  /// `name`: a path, or a name of which the best on PATH is taken: one with buildx, else one that has BuildKit built
  /// in, else the first. `cache`: a folder to remember that in.
  Cli(Engine& engine, std::string name, Environment environment, std::filesystem::path cache);

  /// Throws Error(environment) if there is no such program.
  const CliFacts& facts();

  /// What it builds with on this engine.
  Builder builder();
  /// Throws Error(environment): "build failed at step 'RUN make' …" with the step where it can be told, after the
  /// output has gone to `sink`.
  BuildResult build(const BuildRequest& request, const OutputSink& sink);
  void pull(const std::string& reference, const OutputSink& sink, Milliseconds deadline = std::chrono::minutes(10));
  /// The password goes through standard input, never argv.
  void login(const std::string& registry, const std::string& user, const std::string& password);

  /// A call of it that somebody else runs.
  [[nodiscard]] Command command(std::vector<std::string> arguments);

private:
  Outcome run_timed(const Command& command);

  Engine& m_engine;
  std::string m_name;
  Environment m_environment;
  std::filesystem::path m_cache;
  std::once_flag m_found;
  CliFacts m_facts;
};

} // namespace teal::engine
