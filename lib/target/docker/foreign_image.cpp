#include "target/docker/foreign_image.hpp"

#include "core/text.hpp"
#include "model/app.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

bool is_commit(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Where both are given, the tag is for people.
std::string reference_for_engine(const ForeignOrder& order) {
  ImageReference reference = order.reference;
  if (!reference.digest.empty()) {
    reference.tag.clear();
  }
  return reference.text();
}

void require_platform(Services& services, const ForeignOrder& order, const engine::Image& image) {
  const std::string ours = services.engine.platform();
  if (!runs_platform(ours, image.platform)) {
    throw Error(ErrorKind::environment, fmt::format("'{}' is built for {}, and this engine runs {}",
                                                    order.reference.text(), printable(image.platform), ours));
  }
}

engine::Image require_image(Services& services, const std::string& reference) {
  if (auto image = services.images.inspect(reference)) {
    return std::move(*image);
  }
  throw Error(ErrorKind::environment, fmt::format("the engine has lost '{}', which was just pulled", reference));
}

/// It cannot be lost: our tag is there before the name that it came by goes.
void take_over_name(Services& services, const ForeignOrder& order, const engine::Image& image, bool was_here) {
  const std::string repository = services.image_repository(order.app);
  services.images.tag(image.id, repository, tag_of_image(image.id));
  if (!was_here && order.reference.name != repository) {
    services.images.remove(reference_for_engine(order));
  }
  services.images.tag(image.id, repository, std::string(to_string(order.color)));
}

} // namespace

bool runs_platform(std::string_view engine, std::string_view image) noexcept {
  return engine == image || (engine == "linux/amd64" && image == "linux/386") ||
         (engine == "linux/arm64" && image == "linux/arm");
}

std::string commit_of(const engine::Image& image) {
  for (const char* name : {label::k_commit, "org.opencontainers.image.revision"}) {
    if (const auto found = image.labels.find(name); found != image.labels.end() && is_commit(found->second)) {
      return found->second;
    }
  }
  return "";
}

ForeignImage bring_in(Services& services, const ForeignOrder& order,
                      const std::function<void(std::string_view)>& show) {
  const std::string reference = reference_for_engine(order);
  const bool was_here = services.images.inspect(reference).has_value();
  const bool is_for_good = !order.reference.digest.empty(); // a tag may stand for another image by now
  if (!was_here || !is_for_good) {
    services.cli.pull(reference, show, order.deadline);
  }
  ForeignImage found{.image = require_image(services, reference),
                     .fact = was_here && is_for_good ? "already here" : reference};
  try {
    require_platform(services, order, found.image);
  } catch (const Error&) {
    if (!was_here) {
      services.images.remove(reference);
    }
    throw;
  }
  take_over_name(services, order, found.image, was_here);
  return found;
}

} // namespace teal
