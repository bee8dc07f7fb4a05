/// @file
/// Choice of the command line: which of the host's `docker` programs is used, and how it builds.
#pragma once

#include "engine/cli.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace teal::engine {

/// What one program says of itself.
struct CliCandidate {
  std::filesystem::path program;
  std::string version; ///< "28.2.2"; empty if it is not Docker's
  bool buildx = false;
};

/// The first with buildx, else the first with BuildKit built in (18.09 until 22), else the first. `candidates` is not
/// empty.
[[nodiscard]] CliFacts choose(const std::vector<CliCandidate>& candidates);

/// "28.2.2" of "Docker version 28.2.2, build e6534b4"; empty if that is not how Docker's own program speaks.
[[nodiscard]] std::string parse_cli_version(std::string_view text);

/// Where Docker's command line looks for plugins such as buildx.
[[nodiscard]] std::vector<std::filesystem::path> plugin_folders(const Environment& environment);

/// Asks each of `programs`, or takes the answer from the file `cache` while neither they nor the plugin folders have
/// changed. A cache that cannot be read or written is done without.
[[nodiscard]] CliFacts find_cli(const std::vector<std::filesystem::path>& programs, const Environment& environment,
                                const std::filesystem::path& cache);

} // namespace teal::engine
