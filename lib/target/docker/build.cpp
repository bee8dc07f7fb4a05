#include "target/docker/build.hpp"

#include "git/checkout.hpp"
#include "git/lfs.hpp"
#include "target/plan.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr Milliseconds k_fetch_deadline = std::chrono::minutes(10);

} // namespace

BuildPlace BuildPlace::of(const AppFolder& folder, Color color) {
  return {folder.work_tree(color), folder.checkout_index(color), folder.submodules()};
}

BuildPlace BuildPlace::of_gate(const AppFolder& folder) {
  return {folder.gate() / "tree", folder.gate() / "index", folder.submodules()};
}

std::string check_out(Services& services, const git::Repository& repository, const std::string& commit,
                      const BuildPlace& place, const std::function<void(const std::string&)>& warn) {
  git::SubmoduleSource submodules(place.submodules, services.environment, k_fetch_deadline,
                                  services.engine.interrupt());
  const git::CheckoutResult result = git::checkout(
      repository, commit, {.work_tree = place.work_tree, .index = place.index, .submodules = &submodules});
  const git::LfsResult lfs = git::fill_lfs_files(repository, {.commit = commit,
                                                              .work_tree = place.work_tree,
                                                              .environment = services.environment,
                                                              .deadline = k_fetch_deadline,
                                                              .interrupt = services.engine.interrupt()});
  if (const std::string missing = git::describe_missing(lfs, repository); !missing.empty()) {
    warn(missing);
  }
  const std::size_t changed = result.written + result.removed;
  return changed == 0 ? "nothing changed" : fmt::format("{} file{} changed", changed, changed == 1 ? "" : "s");
}

std::string build_image(Services& services, const AppSettings& settings, const BuildOrder& order,
                        const std::function<void(std::string_view)>& show) {
  const BuildFiles files = find_build_files(order.work_tree, settings.build);
  const auto result = services.cli.build({.context = files.context,
                                          .dockerfile = files.dockerfile,
                                          .target = settings.build.target,
                                          .args = settings.build.args,
                                          .labels = {{label::k_app, order.app}, {label::k_commit, order.commit}},
                                          .tags = order.tags,
                                          .deadline = settings.deploy.build_deadline},
                                         show);
  return result.layers == 0 ? std::string() : fmt::format("{} of {} layers cached", result.cached, result.layers);
}

} // namespace teal
