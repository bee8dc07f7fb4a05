/// @file
/// Build: from a commit to an image. What the pipeline and the gate share.
#pragma once

#include "config/settings.hpp"
#include "target/check_out.hpp"
#include "target/services.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct BuildOrder {
  std::string app;
  std::string commit;              ///< in a label; empty: the image is the same whichever commit it is of
  std::filesystem::path work_tree; ///< has the commit
  std::vector<std::string> tags;   ///< whole references
};

/// Its output goes to `show`, piece by piece. Returns the fact worth knowing. Throws as engine::Cli::build() and
/// find_build_files() do.
std::string build_image(Services& services, const AppSettings& settings, const BuildOrder& order,
                        const std::function<void(std::string_view)>& show);

} // namespace teal
