/// @file
/// ComposeArtifact: what is kept of a release that runs as a compose project: the folder with its commit, and an image
/// a service of the color.
///
/// As a text "43 redis@sha256:… web@sha256:…": of a release's artifact these are digests in the registry, of its
/// identity the engine's ids.
#pragma once

#include "model/release.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace teal {

struct ComposeArtifact {
  std::string folder;                        ///< the deployment's id that made it
  std::map<std::string, std::string> images; ///< "sha256:…" by service

  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<ComposeArtifact> parse(std::string_view text);
  /// As it is kept by now. Nothing where another kind of target made the release.
  [[nodiscard]] static std::optional<ComposeArtifact> of(const Release& release);
};

/// "localhost:5000/shop/web", where `repository` is the app's.
[[nodiscard]] std::string image_repository_of(const std::string& repository, const std::string& service);
/// How the engine is told to run the service: from the registry where it is kept there, else by its id. Throws
/// Error(settings) if the release has none for it.
[[nodiscard]] std::string image_of_service(const Release& release, const std::string& repository,
                                           const std::string& service);
/// Throws Error(settings) if another kind of target made the release.
[[nodiscard]] ComposeArtifact require_compose_release(const Release& release);

} // namespace teal
