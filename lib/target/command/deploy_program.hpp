/// @file
/// DeployProgram: the program of the settings that deploys a release, run by its own or as another user by sudo.
///
/// Invariant: it has no terminal, and what of it still runs after its deadline, a cancellation, or the death of the
/// runner that had started it, is ended before anything else is done, or is told to be there.
#pragma once

#include "config/settings.hpp"
#include "core/error.hpp"
#include "process/subprocess.hpp"
#include "target/rollout.hpp"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace teal {

class DeployProgram {
public:
  /// `record`: a file that says, while it runs, which processes it is. `environment`: what it has without the settings.
  DeployProgram(const TargetSettings::Command& settings, Environment environment, std::filesystem::path record);

  struct Order {
    std::filesystem::path release; ///< the folder that it is to deploy
    Environment variables;         ///< what it is told of it
    Steps& steps;
    std::stop_token interrupt;
  };
  /// Throws Error(environment), or Error(timeout), unless it ends with 0.
  void run(const Order& order) const;
  /// What a killed runner had started of it. Throws Error(environment) where it cannot be ended.
  void end_remains(Steps& steps) const;

  /// "bin/deploy.sh --all".
  [[nodiscard]] std::string shown() const;
  /// What stands in its way, as far as that can be told without a release.
  [[nodiscard]] std::vector<Error> obstacles() const;
  /// Throws Error unless sudo lets it run without a password. `release` is the folder of one, if there is any. Returns
  /// what is in order.
  [[nodiscard]] std::string check_sudo(const std::optional<std::filesystem::path>& release) const;

private:
  [[nodiscard]] std::filesystem::path directory_in(const std::filesystem::path& release) const;
  [[nodiscard]] std::vector<std::string> arguments_with(const Environment& variables) const;
  [[nodiscard]] Outcome ask_sudo(std::vector<std::string> arguments, const std::filesystem::path& directory) const;
  void end_others(int group, int signal) const;

  const TargetSettings::Command& m_settings;
  Environment m_environment;
  std::filesystem::path m_record;
};

} // namespace teal
