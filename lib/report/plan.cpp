#include "report/plan.hpp"

#include "core/text.hpp"
#include "report/json.hpp"
#include "target/address.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

namespace json = boost::json;

std::string describe_traffic(const Services& services, const Preview& preview) {
  if (!services.router) {
    return "";
  }
  const std::string_view color = to_string(preview.color);
  if (preview.live == preview.color) {
    return fmt::format("{} is live: requests go to the new container once it is healthy", color);
  }
  if (preview.moves_traffic) {
    return preview.live ? fmt::format("moves from {} to {} once that is healthy", to_string(*preview.live), color)
                        : fmt::format("goes to {} once that is healthy", color);
  }
  return preview.live ? fmt::format("stays on {}", to_string(*preview.live)) : "nothing is live yet";
}

std::string describe_check(const HealthSettings& health) {
  const std::string within = format_duration(health.deadline);
  switch (health.kind) {
  case HealthSettings::Kind::http:
    return fmt::format("{}GET {} within {}", health.is_told ? "" : "the image's HEALTHCHECK, else ", health.path,
                       within);
  case HealthSettings::Kind::tcp:
    return fmt::format("a connection within {}", within);
  case HealthSettings::Kind::command:
    return fmt::format("'{}' within {}", join(health.command, " "), within);
  }
  return "";
}

using PlannedSteps = std::vector<std::pair<std::string, std::string>>;

void add_compose_steps(const Services& services, const Event& event, const TargetSettings::Compose& compose,
                       PlannedSteps& steps) {
  const std::string file = compose.file.empty() ? "compose.yaml" : compose.file;
  steps.emplace_back("build", fmt::format("the services of {} that have a build", file));
  steps.emplace_back("pull", "the images of the others, where they are not here");
  steps.emplace_back("publish", fmt::format("{}/SERVICE:{}", services.image_repository(event.app), event.new_commit));
  if (!compose.shared.empty()) {
    steps.emplace_back(
        "shared", fmt::format("{}: brought up where it is missing, else left as it is", join(compose.shared, ", ")));
  }
  steps.emplace_back("start", fmt::format("a project of its own; requests go to '{}'", compose.service));
}

std::string describe_settings(const Home& home, const Event& event, const Plan& plan) {
  const std::string own = home.app(event.app).settings().string();
  return plan.texts.pushed ? fmt::format("{} over {}:.tealhook.yml", own, short_commit(event.new_commit)) : own;
}

} // namespace

std::vector<std::pair<std::string, std::string>> planned_steps(const Services& services, const Event& event,
                                                               const Preview& preview) {
  std::vector<std::pair<std::string, std::string>> steps;
  steps.emplace_back("now", preview.present
                                ? fmt::format("{} of deployment {} runs, and is replaced",
                                              short_commit(preview.present->event.new_commit), preview.present->id)
                                : "nothing runs there");
  if (preview.busy) {
    steps.emplace_back("wait", "another deployment of the app goes first");
  }
  steps.insert(steps.end(), preview.target_steps.begin(), preview.target_steps.end());
  if (preview.plan) {
    const AppSettings& settings = preview.plan->settings;
    steps.emplace_back("settings", describe_settings(services.home, event, *preview.plan));
    for (const std::string& note : preview.plan->notes) {
      steps.emplace_back("commit", note);
    }
    if (!settings.is_one_image()) {
      add_compose_steps(services, event, settings.targets.at(settings.target).compose, steps);
    } else if (event.artifact.empty()) {
      steps.emplace_back("build", fmt::format("{} in '{}'{}", settings.build.dockerfile, settings.build.context,
                                              settings.gate ? ", before git takes the push (gate)" : ""));
      steps.emplace_back("publish", fmt::format("{}:{}", services.image_repository(event.app), event.new_commit));
    } else {
      steps.emplace_back("pull", event.artifact);
      steps.emplace_back("publish", services.image_repository(event.app));
    }
    for (const auto& command : settings.deploy.before_switch) {
      steps.emplace_back("run", join(command, " "));
    }
    for (const auto& [name, command] : settings.run.processes) {
      steps.emplace_back("start", fmt::format("{}: {}", name, join(command, " ")));
    }
    if (!settings.run.web.empty()) {
      steps.emplace_back("start", fmt::format("web: {}", join(settings.run.web, " ")));
    }
    const std::string at = public_address(settings, preview.color, services.published_host());
    steps.emplace_back("start",
                       settings.run.replicas == 1 ? at : fmt::format("{} replicas at {}", settings.run.replicas, at));
    steps.emplace_back("port",
                       settings.container_port == 0
                           ? fmt::format("what {} EXPOSEs, else {}",
                                         settings.is_one_image() ? "the image" : "the service publishes, or its image",
                                         k_usual_port)
                           : fmt::format("{} (container_port)", settings.container_port));
    steps.emplace_back("check", describe_check(settings.health));
    if (const std::string traffic = describe_traffic(services, preview); !traffic.empty()) {
      steps.emplace_back("traffic", traffic);
    }
    steps.emplace_back("retire", settings.deploy.order == DeploySettings::Order::stop_first
                                     ? "what runs there is stopped before the build"
                                     : "what runs there is stopped once its successor is healthy");
  }
  return steps;
}

json::object to_json(const Services& services, const Event& event, const Preview& preview) {
  json::array steps;
  for (const auto& [name, fact] : planned_steps(services, event, preview)) {
    steps.push_back({{"step", name}, {"fact", to_text(fact)}});
  }
  json::array obstacles;
  for (const Error& error : preview.obstacles) {
    obstacles.emplace_back(to_text(error.message()));
  }
  return {{"app", event.app},
          {"destination", place_of(preview)},
          {"color", preview.target.empty() ? json::value(to_string(preview.color)) : json::value(nullptr)},
          {"ref", to_text(event.ref)},
          {"commit", event.new_commit},
          {"image", text_or_null(event.artifact)},
          {"subject", to_text(event.subject)},
          {"live", preview.live ? json::value(to_string(*preview.live)) : json::value(nullptr)},
          {"moves_traffic", preview.moves_traffic},
          {"paused", preview.pause ? json::value(to_json(*preview.pause)) : json::value(nullptr)},
          {"frozen", preview.freeze ? json::value(to_text(preview.freeze->why)) : json::value(nullptr)},
          {"steps", steps},
          {"obstacles", obstacles}};
}

} // namespace teal
