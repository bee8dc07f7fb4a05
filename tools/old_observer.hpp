/// @file
/// OldObserver: the words that dploy's observer was started with, which GitHub repository it was to observe and by
/// which token: as options, which Go's programs have with one '-', and by the environment.
#pragma once

#include "config/settings.hpp"
#include "process/subprocess.hpp"
#include "serve/observation.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace teal::tool {

struct OldObserver {
  static constexpr const char* k_public_node = "DPLOY_PUBLIC_NODE";
  static constexpr const char* k_pat = "DPLOY_OBSERVER_GITHUB_PAT";
  static constexpr const char* k_owner = "DPLOY_OBSERVER_GITHUB_OWNER";
  static constexpr const char* k_repo = "DPLOY_OBSERVER_GITHUB_REPO";
  static constexpr const char* k_branch = "DPLOY_OBSERVER_TARGETBRANCH";

  std::string pat;   ///< --pat
  std::string owner; ///< --owner
};

void add_old_options(CLI::App& command, OldObserver& old);

/// The command line without its program: where the command is one that observes, "-pat X" and "-pat=X" as "--pat", and
/// so for -owner and -repo.
[[nodiscard]] std::vector<std::string> plain_words(int argc, char** argv);

/// What `wish` leaves open is taken from `old`, then from `environment`; `listen` tells the port that a node without
/// one is reached at. Says on standard error that a token on the command line can be seen.
void complete(serve::ObserveWish& wish, const OldObserver& old, const Environment& environment,
              const std::string& listen);
/// Whether the environment names a repository to observe.
[[nodiscard]] bool is_named_by(const Environment& environment);

} // namespace teal::tool
