/// @file
/// Artifact: how a docker target keeps a release: an image by the digest of its manifest in the registry,
/// "localhost:5000/shop@sha256:…". What it is before, the release's identity, is the engine's id of the image:
/// "sha256:…".
#pragma once

#include "engine/images.hpp"
#include "model/release.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::docker {

[[nodiscard]] std::string make_artifact(std::string_view repository, std::string_view digest);
/// "localhost:5000/shop" of it.
[[nodiscard]] std::string repository_of(std::string_view artifact);
/// "sha256:…" of it; empty where it has none.
[[nodiscard]] std::string digest_of(std::string_view artifact);

/// The image as the engine is told to run it: from the registry where it is kept there, else the one that was built.
[[nodiscard]] const std::string& reference_of(const Release& release);
/// Of "8080/tcp", "53/udp"; nothing where none is of TCP.
[[nodiscard]] std::optional<std::uint16_t> lowest_tcp_port(const std::vector<std::string>& exposed);
[[nodiscard]] bool is_of(const Release& release, const engine::Image& image);

} // namespace teal::docker
