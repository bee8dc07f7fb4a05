/// @file
/// Build: from a commit to an image. What the pipeline and the gate share.
#pragma once

#include "config/settings.hpp"
#include "git/repository.hpp"
#include "target/services.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// Where a commit's files are put, and what is remembered of the last ones.
struct BuildPlace {
  std::filesystem::path work_tree;
  std::filesystem::path index;      ///< CheckoutOptions::index
  std::filesystem::path submodules; ///< bare repositories of theirs, shared

  [[nodiscard]] static BuildPlace of(const AppFolder& folder, Color color);
  /// What is checked out there never runs as it is.
  [[nodiscard]] static BuildPlace of_gate(const AppFolder& folder);
};

/// Returns the fact worth knowing; what people should be warned of goes to `warn`. Throws as git::checkout() does.
std::string check_out(Services& services, const git::Repository& repository, const std::string& commit,
                      const BuildPlace& place, const std::function<void(const std::string&)>& warn);

struct BuildOrder {
  std::string app;
  std::string commit;
  std::filesystem::path work_tree; ///< has the commit
  std::vector<std::string> tags;   ///< whole references
};

/// Its output goes to `show`, piece by piece. Returns the fact worth knowing. Throws as engine::Cli::build() and
/// find_build_files() do.
std::string build_image(Services& services, const AppSettings& settings, const BuildOrder& order,
                        const std::function<void(std::string_view)>& show);

} // namespace teal
