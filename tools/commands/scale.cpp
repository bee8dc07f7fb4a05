#include "deploy/scale.hpp"

#include "color_option.hpp"
#include "commands/commands.hpp"
#include "report/json.hpp"
#include "request/presenter.hpp"

#include <fmt/format.h>

#include <memory>

namespace teal::tool {

namespace {

struct ScaleOptions {
  std::string app;
  int replicas = 0;
  std::string color;
  bool detach = false;
};

void tell_unchanged(Context& context, const ScaleOptions& options, const Scaling& scaling) {
  context.print(scaling.is_for_the_next_one
                    ? fmt::format("run.replicas of '{}' is {}: with the next deployment", options.app, scaling.replicas)
                    : fmt::format("'{}' has {} replica{} already", options.app, scaling.replicas,
                                  scaling.replicas == 1 ? "" : "s"));
}

void scale(Context& context, const ScaleOptions& options, int step) {
  Services services = context.open_services();
  context.require(Verb::manage, services.home, options.app);
  Store store(services.home.store(), context.clock());
  const Workplace place = context.workplace(services.home, store);
  const Scaling scaling = order_scaling(
      services, place, context.principal(),
      {.app = options.app, .replicas = options.replicas, .step = step, .color = parse_color(options.color)});
  Output output = context.output();
  boost::json::array deployments;
  for (const Submission& submission : scaling.submissions) {
    const int code = present(place, submission, output, options.detach);
    context.exit_code = code != 0 ? code : context.exit_code;
    deployments.push_back(to_json(store.history.deployment(submission.deployment.id).value()));
  }
  if (context.json) {
    context.print_json({{"app", options.app}, {"replicas", scaling.replicas}, {"deployments", std::move(deployments)}});
  } else if (scaling.submissions.empty()) {
    tell_unchanged(context, options, scaling);
  }
}

std::shared_ptr<ScaleOptions> add_options(CLI::App& command) {
  auto options = std::make_shared<ScaleOptions>();
  command.add_option("NAME", options->app, "the app")->required();
  add_color_option(command, options->color, "all that run");
  command.add_flag("--detach", options->detach, "do not wait for the outcome");
  return options;
}

} // namespace

void add_scale(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "scale", "have so many containers of a color answer its requests, kept over deployments; drops nothing");
  command->footer("Examples:\n  tealhook scale shop 4                # what runs now, and whatever is deployed next\n"
                  "  tealhook scale shop 1 --color green\n"
                  "Each has an address of its own, and is told its PORT and its TEALHOOK_REPLICA, from 1.");
  const auto options = add_options(*command);
  command->add_option("N", options->replicas, "how many")->required()->check(CLI::NonNegativeNumber);
  command->callback([&context, options] {
    if (options->replicas == 0) {
      throw Error(ErrorKind::usage,
                  fmt::format("the last replica stays; to stop '{0}': tealhook stop {0}", options->app));
    }
    scale(context, *options, 0);
  });

  CLI::App* spawn_command = root.add_subcommand("spawn", "one replica more");
  spawn_command->footer("Examples:\n  tealhook spawn shop");
  const auto spawn_options = add_options(*spawn_command);
  spawn_command->callback([&context, spawn_options] { scale(context, *spawn_options, 1); });

  CLI::App* destroy_command = root.add_subcommand("destroy", "one replica less, never the last");
  destroy_command->footer("Examples:\n  tealhook destroy shop");
  const auto destroy_options = add_options(*destroy_command);
  destroy_command->callback([&context, destroy_options] { scale(context, *destroy_options, -1); });
}

} // namespace teal::tool
