#include "target/compose/compose_artifact.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace teal {

std::string ComposeArtifact::text() const {
  std::string text = folder;
  for (const auto& [service, image] : images) {
    text += fmt::format(" {}@{}", service, image);
  }
  return text;
}

std::optional<ComposeArtifact> ComposeArtifact::parse(std::string_view text) {
  const auto words = split(std::string(text), ' ');
  ComposeArtifact artifact{.folder = words.front(), .images = {}};
  for (auto word = words.begin() + 1; word != words.end(); ++word) {
    const auto sign = word->find('@');
    if (sign == std::string::npos) {
      return std::nullopt;
    }
    artifact.images.emplace(word->substr(0, sign), word->substr(sign + 1));
  }
  const bool is_number = parse_integer(artifact.folder).has_value();
  return is_number && !artifact.images.empty() ? std::optional(std::move(artifact)) : std::nullopt;
}

std::optional<ComposeArtifact> ComposeArtifact::of(const Release& release) {
  return parse(release.artifact.empty() ? release.identity : release.artifact);
}

/// Of registries, lower case alone is taken.
std::string image_repository_of(const std::string& repository, const std::string& service) {
  std::string name = service;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return fmt::format("{}/{}", repository, name);
}

ComposeArtifact require_compose_release(const Release& release) {
  auto artifact = ComposeArtifact::of(release);
  if (!artifact) {
    throw Error(ErrorKind::settings,
                fmt::format("release {} was made as a container, and not as a compose project: to go back to it, set "
                            "'target: docker' in app.yml",
                            release.id));
  }
  return std::move(*artifact);
}

std::string image_of_service(const Release& release, const std::string& repository, const std::string& service) {
  const ComposeArtifact artifact = require_compose_release(release);
  const auto image = artifact.images.find(service);
  if (image == artifact.images.end()) {
    throw Error(ErrorKind::settings, fmt::format("release {} has no image of service '{}'", release.id, service));
  }
  return release.artifact.empty() ? image->second
                                  : fmt::format("{}@{}", image_repository_of(repository, service), image->second);
}

} // namespace teal
