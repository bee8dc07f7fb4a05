#include "deploy/build.hpp"

#include "deploy/plan.hpp"
#include "git/checkout.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr Milliseconds k_fetch_deadline = std::chrono::minutes(10);
constexpr Milliseconds k_patience_for_builds = std::chrono::hours(24);

} // namespace

BuildPlace BuildPlace::of(const AppFolder& folder, Color color) {
  return {folder.work_tree(color), folder.checkout_index(color), folder.submodules()};
}

BuildPlace BuildPlace::of_gate(const AppFolder& folder) {
  return {folder.gate() / "tree", folder.gate() / "index", folder.submodules()};
}

std::string check_out(Services& services, const git::Repository& repository, const std::string& commit,
                      const BuildPlace& place) {
  git::SubmoduleSource submodules(place.submodules, services.environment, k_fetch_deadline);
  const git::CheckoutResult result = git::checkout(
      repository, commit, {.work_tree = place.work_tree, .index = place.index, .submodules = &submodules});
  const std::size_t changed = result.written + result.removed;
  return changed == 0 ? "nothing changed" : fmt::format("{} file{} changed", changed, changed == 1 ? "" : "s");
}

std::string build_image(Services& services, const AppSettings& settings, const BuildOrder& order, DeploymentLog& log) {
  const BuildFiles files = find_build_files(order.work_tree, settings.build);
  const auto result = services.cli.build({.context = files.context,
                                          .dockerfile = files.dockerfile,
                                          .target = settings.build.target,
                                          .args = settings.build.args,
                                          .labels = {{label::k_app, order.app}, {label::k_commit, order.commit}},
                                          .tags = order.tags,
                                          .deadline = settings.deploy.build_deadline},
                                         [&](std::string_view text) { log.output(text); });
  return result.layers == 0 ? std::string() : fmt::format("{} of {} layers cached", result.cached, result.layers);
}

FileLock acquire_build_lock(const Services& services, DeploymentLog& log) {
  const std::filesystem::path folder = services.home.build_locks();
  std::vector<std::filesystem::path> files;
  for (std::int64_t i = 0; i < services.settings.limits.builds; ++i) {
    files.push_back(folder / fmt::format("build-{}.lock", i));
  }
  std::filesystem::create_directories(folder);
  auto lock = FileLock::acquire_any(files, Milliseconds(0));
  if (!lock) {
    log.line(fmt::format("waiting for another app's build to end: limits.builds is {}", files.size()));
    lock = FileLock::acquire_any(files, k_patience_for_builds);
  }
  if (!lock) {
    throw Error(ErrorKind::busy, "other apps' builds have held all of limits.builds for a day");
  }
  return std::move(*lock);
}

} // namespace teal
