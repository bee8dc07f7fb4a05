/// @file
/// ComposeProject: one release of a color as a project of its own, and what its file says.
///
/// Invariant: all that a project has is its own, by name, but for what is shared: so two of them, of one color or of
/// both, stand beside each other. Its containers have the names and labels of a slot's: which is which is told by these
/// as of any color.
#pragma once

#include "model/release.hpp"
#include "model/slot.hpp"
#include "target/compose/compose_model.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace teal {

/// "tealhook-shop--blue-57": no app can have such a name.
[[nodiscard]] std::string compose_project_name(const Slot& slot, std::int64_t deployment);
/// "tealhook-shop--shared".
[[nodiscard]] std::string shared_project_name(std::string_view app);
/// What the engine calls a network of the file that `project`, which is the app's, has.
[[nodiscard]] std::string network_of_project(std::string_view app, const std::string& project, const std::string& name,
                                             const ComposeNetwork& network);

/// "tealhook-shop--blue-57_tealhook.start": where, without a router, all of a project reach each other, and no port is
/// published.
[[nodiscard]] std::string start_network_of_project(const std::string& project);

/// The service that one-off commands are run in: as the one that answers, in all of its networks; never brought up.
inline constexpr const char* k_one_off_service = "tealhook.run";

/// Images by service, as the engine is told to run them.
using ComposeImages = std::map<std::string, std::string>;

struct ColorProject {
  const Slot& slot;
  const ComposeModel& model;
  const std::string& service; ///< that answers requests
  const Release& release;
  const ComposeImages& images;
  const std::map<std::string, std::string>& env; ///< over what the file says
  std::int64_t deployment = 0;
  std::uint16_t port = 0;       ///< inside
  std::uint16_t color_port = 0; ///< the host's
  std::string bind;             ///< the address it is published on; empty: it is not
};

/// The project's file. It has the program's variables, and so may be secret.
[[nodiscard]] std::string write_color_project(const ColorProject& project);
/// The same of what both colors have in common.
[[nodiscard]] std::string write_shared_project(const Slot& any, const ComposeModel& model, const ComposeImages& images);

} // namespace teal
