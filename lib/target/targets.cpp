#include "target/targets.hpp"

#include "target/command/command_target.hpp"
#include "target/compose/compose_target.hpp"
#include "target/docker/docker_target.hpp"
#include "target/git/git_target.hpp"
#include "target/swarm/swarm_target.hpp"

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
    Kind{"compose", make<ComposeTarget>},
    Kind{"swarm", make<SwarmTarget>},
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

std::unique_ptr<PlainTarget> make_plain_target(NamedTarget target, Services& services) {
  switch (target.settings.kind) {
  case TargetSettings::Kind::command:
    return std::make_unique<CommandTarget>(services, std::move(target));
  case TargetSettings::Kind::git:
    return std::make_unique<GitTarget>(services, std::move(target));
  case TargetSettings::Kind::compose:
  case TargetSettings::Kind::swarm:
    throw Error(ErrorKind::settings, fmt::format("'{}' is how blue and green are run, and no place beside them: give "
                                                 "--color",
                                                 target.name));
  }
  throw Error(ErrorKind::internal, fmt::format("target '{}' is of no kind", target.name));
}

} // namespace teal
