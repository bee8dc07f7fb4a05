#include "target/docker/build.hpp"

#include "target/plan.hpp"

#include <fmt/format.h>

namespace teal {

std::string build_image(Services& services, const AppSettings& settings, const BuildOrder& order,
                        const std::function<void(std::string_view)>& show) {
  const BuildFiles files = find_build_files(order.work_tree, settings.build);
  std::map<std::string, std::string> labels{{label::k_app, order.app}};
  if (!order.commit.empty()) {
    labels.emplace(label::k_commit, order.commit);
  }
  const auto result = services.cli.build({.context = files.context,
                                          .dockerfile = files.dockerfile,
                                          .target = settings.build.target,
                                          .args = settings.build.args,
                                          .labels = std::move(labels),
                                          .tags = order.tags,
                                          .deadline = settings.deploy.build_deadline},
                                         show);
  return result.layers == 0 ? std::string() : fmt::format("{} of {} layers cached", result.cached, result.layers);
}

} // namespace teal
