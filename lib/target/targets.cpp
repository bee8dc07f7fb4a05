#include "target/targets.hpp"

#include "target/docker/docker_target.hpp"

#include <fmt/format.h>

#include <array>

namespace teal {

namespace {

struct Kind {
  std::string_view name;
  std::unique_ptr<Target> (*make)(Services&);
};

template <class Made>
std::unique_ptr<Target> make(Services& services) {
  return std::make_unique<Made>(services);
}

constexpr std::array k_kinds{
    Kind{"docker", make<DockerTarget>},
};

} // namespace

std::unique_ptr<Target> make_target(std::string_view kind, Services& services) {
  for (const Kind& known : k_kinds) {
    if (known.name == kind) {
      return known.make(services);
    }
  }
  throw Error(ErrorKind::settings, fmt::format("there is no target of kind '{}'", kind));
}

} // namespace teal
