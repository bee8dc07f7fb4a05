#include "target/docker/artifact.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::docker {

std::string make_artifact(std::string_view repository, std::string_view digest) {
  return fmt::format("{}@{}", repository, digest);
}

std::string repository_of(std::string_view artifact) {
  return std::string(artifact.substr(0, artifact.rfind('@')));
}

std::string digest_of(std::string_view artifact) {
  const auto at = artifact.rfind('@');
  return at == std::string_view::npos ? std::string() : std::string(artifact.substr(at + 1));
}

const std::string& reference_of(const Release& release) {
  return release.artifact.empty() ? release.identity : release.artifact;
}

std::optional<std::uint16_t> lowest_tcp_port(const std::vector<std::string>& exposed) {
  std::optional<std::uint16_t> lowest;
  for (const std::string& one : exposed) {
    const auto slash = one.find('/');
    const auto port = parse_port(one.substr(0, slash));
    const bool is_tcp = slash == std::string::npos || one.substr(slash) == "/tcp";
    if (is_tcp && port && (!lowest || *port < *lowest)) {
      lowest = port;
    }
  }
  return lowest;
}

bool is_of(const Release& release, const engine::Image& image) {
  return release.identity == image.id ||
         std::find(image.digests.begin(), image.digests.end(), release.artifact) != image.digests.end();
}

} // namespace teal::docker
