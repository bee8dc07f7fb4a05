#include "target/docker/image_removal.hpp"

namespace teal {

namespace {

bool is_of_repository(const std::string& reference, const std::string& repository) {
  return reference.starts_with(repository + ":") || reference.starts_with(repository + "@");
}

} // namespace

std::vector<std::string> remove_image(engine::Images& images, const std::string& repository,
                                      const engine::Image& image) {
  std::vector<std::string> used;
  if (image.tags.empty() && image.digests.empty() && !images.remove(image.id)) {
    used.push_back(image.id);
  }
  for (const auto* names : {&image.tags, &image.digests}) {
    for (const std::string& name : *names) {
      if (is_of_repository(name, repository) && !images.remove(name)) {
        used.push_back(name);
      }
    }
  }
  return used;
}

} // namespace teal
