#include "report/plan.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "process/user.hpp"
#include "request/deployment_log.hpp"
#include "request/request.hpp"
#include "traffic/live_traffic.hpp"
#include "trigger/push.hpp"
#include "upkeep/preview.hpp"

#include <fmt/format.h>

namespace teal::tool {

namespace {

struct Options {
  std::string app;
  std::string color = "idle";
  std::string revision;
};

void print(Context& context, const Services& services, const Event& event, const Preview& preview) {
  context.print(fmt::format("{} -> {}   {}", event.app, to_string(preview.color), describe(event)));
  for (const auto& [name, fact] : planned_steps(services, event, preview)) {
    context.print(fmt::format("{:<8}   {}", name, fact));
  }
  for (const Error& error : preview.obstacles) {
    context.print(fmt::format("error: {}", error.message()));
  }
  if (preview.freeze) {
    context.print(describe(*preview.freeze));
  } else if (preview.obstacles.empty()) {
    context.print("nothing known stands in its way; nothing was done");
  }
}

void plan(Context& context, const Options& options) {
  Services services = context.open_services();
  const Home& home = services.home;
  require_app(home, options.app);
  Store store(home.store(), context.clock());
  const bool follow = options.color == "live";
  const auto named = parse_color(options.color);
  const Aim aim{.color = named ? *named : LiveTraffic(services, store, options.app).idle(),
                .idle = !named.has_value(),
                .follow = follow};
  const AppFolder folder = home.app(options.app);
  const auto repository = git::Repository::open(follow ? folder.live_repository() : folder.repository(aim.color));
  const AppSettings settings = load_app_settings(home, options.app);
  const Event event = event_by_hand(
      {repository, options.app, aim.color, settings.branches, user_name(), context.clock().now()}, options.revision);
  const Preview found = preview(services, store, repository, event, aim);
  if (context.json) {
    context.print_json(to_json(services, event, found));
  } else {
    print(context, services, event, found);
  }
  if (found.freeze) {
    context.exit_code = exit_code(ErrorKind::busy);
  } else if (!found.obstacles.empty()) {
    context.exit_code = exit_code(found.obstacles.front().kind());
  }
}

} // namespace

void add_plan(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("plan", "what a deployment would do, and what stands in its way");
  command->footer("Examples:\n  tealhook plan shop\n  tealhook plan shop --color live --rev v1.4");
  const auto options = std::make_shared<Options>();
  command->add_option("NAME", options->app, "the app")->required();
  command
      ->add_option("--color", options->color,
                   "blue, green, idle, or live: as a push to live.git, which traffic follows")
      ->type_name("COLOR")
      ->check(CLI::IsMember({"blue", "green", "idle", "live"}))
      ->capture_default_str();
  command
      ->add_option("--rev", options->revision,
                   "branch, tag or commit of that repository (default: the first of 'branches' it has)")
      ->type_name("REV");
  command->callback([&context, options] { plan(context, *options); });
}

} // namespace teal::tool
