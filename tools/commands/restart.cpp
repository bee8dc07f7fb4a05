#include "deploy/restart.hpp"

#include "color_option.hpp"
#include "commands/commands.hpp"
#include "report/json.hpp"
#include "request/presenter.hpp"

#include <memory>

namespace teal::tool {

namespace {

struct RestartOptions {
  std::string app;
  std::string color;
  bool detach = false;
};

void restart(Context& context, const RestartOptions& options) {
  Services services = context.open_services();
  context.require(Verb::deploy, services.home, options.app);
  Store store(services.home.store(), context.clock());
  const Color color = chosen_color(services, store, options.app, options.color);
  const Workplace place = context.workplace(services.home, store);
  const Submission submission =
      submit(place, context.principal(), restart_request(services, store, options.app, color));
  Output output = context.output();
  context.exit_code = present(place, submission, output, options.detach);
  if (context.json) {
    context.print_json(to_json(store.history.deployment(submission.deployment.id).value()));
  }
}

} // namespace

void add_restart(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "restart", "start what runs anew beside itself, with the settings of now, and let it take over");
  command->footer(
      "Examples:\n  tealhook restart shop                  # what is live; behind a router nothing is dropped\n"
      "  tealhook restart shop --color green --detach");
  const auto options = std::make_shared<RestartOptions>();
  command->add_option("NAME", options->app, "the app")->required();
  add_color_option(*command, options->color, "what is live, or was deployed last");
  command->add_flag("--detach", options->detach, "do not wait for the outcome");
  command->callback([&context, options] { restart(context, *options); });
}

} // namespace teal::tool
