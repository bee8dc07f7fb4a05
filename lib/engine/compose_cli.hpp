/// @file
/// ComposeCli: `docker compose`, or `docker-compose` where the plugin is not there.
///
/// What compose reads of its own environment is only what it needs to find the engine: a pushed file may ask for any
/// variable by name.
#pragma once

#include "engine/cli.hpp"

#include <string>
#include <vector>

namespace teal::engine {

class ComposeCli {
public:
  /// `cli` and `engine` must outlive it. Nothing is looked for yet.
  ComposeCli(Engine& engine, Cli& cli, Environment environment)
      : m_engine(engine), m_cli(cli), m_environment(std::move(environment)) {}

  /// A call of it that somebody else runs. Throws Error(environment) with what to install if there is none.
  [[nodiscard]] Command command(const std::vector<std::string>& arguments);
  /// Returns what it prints on standard output; both streams go to `sink`, if there is one. Throws Error(environment)
  /// with its last words. `what` says what it was to do: "start the services".
  std::string run(const std::vector<std::string>& arguments, const std::string& what, const OutputSink& sink,
                  Milliseconds deadline);
  /// "docker compose" or "docker-compose", as people type it. Throws Error(environment) as command() does.
  [[nodiscard]] std::string name();

private:
  void find();

  Engine& m_engine;
  Cli& m_cli;
  Environment m_environment;
  std::string m_program; ///< once it is found
  std::string m_name;
};

} // namespace teal::engine
