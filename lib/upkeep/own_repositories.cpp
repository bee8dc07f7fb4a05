#include "upkeep/own_repositories.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace teal {

git::HookBinding require_own_repository(const Home& home, std::string_view app,
                                        const std::filesystem::path& repository) {
  std::error_code unreadable;
  if (!std::filesystem::exists(repository, unreadable) && !unreadable) {
    throw Error(ErrorKind::settings,
                fmt::format("'{0}' is gone; if it does not come back: tealhook hook remove {0}", repository.string()));
  }
  auto binding = git::read_binding(git::Repository::open(repository));
  if (!binding || binding->home != home.root || binding->app != app) {
    throw Error(
        ErrorKind::settings,
        fmt::format("a push to '{0}' does not deploy the app any more; run: tealhook hook install {0} --app {1} "
                    "--color COLOR, or: tealhook hook remove {0}",
                    repository.string(), app));
  }
  return std::move(*binding);
}

} // namespace teal
