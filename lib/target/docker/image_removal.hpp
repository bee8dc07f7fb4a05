/// @file
/// ImageRemoval: an image of ours goes, unless something else names or uses it.
#pragma once

#include "engine/images.hpp"

#include <string>
#include <vector>

namespace teal {

/// Drop all names that an image has in `repository`, and so the image unless something else names or uses it; also one
/// that has lost all names. Returns the names that it keeps, since a container uses it.
std::vector<std::string> remove_image(engine::Images& images, const std::string& repository,
                                      const engine::Image& image);

} // namespace teal
