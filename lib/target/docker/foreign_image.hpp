/// @file
/// ForeignImage: an image that was built elsewhere, pulled and made one of the app's own.
///
/// Invariant: what it brings here has our names alone, so that it is published, kept and removed as what is built here;
/// a name that the engine had before stays as it is.
#pragma once

#include "model/image_reference.hpp"
#include "target/services.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace teal {

struct ForeignOrder {
  std::string app;
  ImageReference reference;
  Color color; ///< it gets the tag of
  Milliseconds deadline;
};

struct ForeignImage {
  engine::Image image; ///< with the tags of its id and of the color in the app's own image repository
  std::string fact;    ///< worth knowing about the pull
};

/// What the command line prints goes to `show`. Throws Error(environment) with the registry's reason, and if the image
/// is not for this engine's kind of machine.
ForeignImage bring_in(Services& services, const ForeignOrder& order, const std::function<void(std::string_view)>& show);

/// Which commit it was built from, as its labels say: ours, or org.opencontainers.image.revision; empty where they do
/// not.
[[nodiscard]] std::string commit_of(const engine::Image& image);

/// Whether an engine of `engine`, "linux/amd64", runs what is built for `image`: also 32 bits on 64.
[[nodiscard]] bool runs_platform(std::string_view engine, std::string_view image) noexcept;

} // namespace teal
