#include "target/docker/gate_image.hpp"

#include "git/digest.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

std::string prefix_of(const Destination& destination) {
  return fmt::format("gate-{}-", destination.text());
}

} // namespace

std::string GateImage::tag() const {
  std::string made_of = fmt::format("{}\n{}\n{}\n{}\n", commit, build.context, build.dockerfile, build.target);
  for (const auto& [name, value] : build.args) {
    made_of += fmt::format("{} {}={}\n", name.size() + value.size(), name, value);
  }
  return prefix_of(destination) + git::digest_of(made_of);
}

bool take_from_gate(Services& services, const GateImage& image, const std::vector<std::string>& tags) {
  const std::string repository = services.image_repository(image.app);
  const std::string reference = fmt::format("{}:{}", repository, image.tag());
  if (!services.images.inspect(reference)) {
    return false;
  }
  for (const std::string& tag : tags) {
    services.images.tag(reference, repository, tag);
  }
  services.images.remove(reference);
  return true;
}

void forget_earlier_images(Services& services, const std::string& repository, const GateImage& image) {
  const std::string earlier = fmt::format("{}:{}", repository, prefix_of(image.destination));
  const std::string present = fmt::format("{}:{}", repository, image.tag());
  for (const engine::Image& found : services.images.list(repository)) {
    for (const std::string& name : found.tags) {
      if (name.starts_with(earlier) && name != present) {
        services.images.remove(name);
      }
    }
  }
}

} // namespace teal
