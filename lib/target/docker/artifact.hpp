/// @file
/// Artifact: how a docker target keeps a release: an image by its digest, "localhost:5000/shop@sha256:…", as the engine
/// is told to run it.
#pragma once

#include <string>
#include <string_view>

namespace teal::docker {

[[nodiscard]] std::string make_artifact(std::string_view repository, std::string_view digest);
/// "localhost:5000/shop" of it.
[[nodiscard]] std::string repository_of(std::string_view artifact);
/// "sha256:…" of it; empty where it has none.
[[nodiscard]] std::string digest_of(std::string_view artifact);

} // namespace teal::docker
