/// @file
/// ImageRemoval: an image of ours goes, unless something else names or uses it.
#pragma once

#include "engine/images.hpp"

#include <string>

namespace teal {

/// Drop all names that an image has in `repository`, and so the image unless something else names or uses it.
void remove_image(engine::Images& images, const std::string& repository, const std::string& image);

} // namespace teal
