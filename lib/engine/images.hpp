/// @file
/// Images in the engine's store: found, tagged, removed. Building and moving them is the command line's (cli.hpp).
#pragma once

#include "engine/engine.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace teal::engine {

struct Image {
  std::string id;                   ///< "sha256:…"
  std::vector<std::string> tags;    ///< "localhost:5000/shop:blue"
  std::vector<std::string> digests; ///< "localhost:5000/shop@sha256:…", known once pushed or pulled
  std::uint64_t size = 0;           ///< bytes
  std::string platform;             ///< "linux/amd64"; of one that was inspected, as is what follows
  std::map<std::string, std::string> labels;
  std::vector<std::string> exposed = {}; ///< "8080/tcp", "53/udp"
  bool has_health_check = false;         ///< a HEALTHCHECK of its own
};

class Images {
public:
  explicit Images(Engine& engine) : m_engine(engine) {}

  [[nodiscard]] std::optional<Image> inspect(const std::string& reference);
  /// All of one image repository ("localhost:5000/shop"), tagged or known by digest.
  [[nodiscard]] std::vector<Image> list(const std::string& repository);
  /// The digest that `reference` has in its registry now, as the engine finds it there; nothing where there is none
  /// such. `login` is what registry_login() returns. Throws Error(environment) if the registry does not say.
  [[nodiscard]] std::optional<std::string> digest_at_registry(const std::string& reference, const std::string& login);
  void tag(const std::string& reference, const std::string& repository, const std::string& tag);
  /// Drop one name of an image, and the image with its last one. False if a container still uses it; true if it is gone
  /// or was never there.
  bool remove(const std::string& reference);

private:
  Engine& m_engine;
};

} // namespace teal::engine
