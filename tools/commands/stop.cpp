#include "color_option.hpp"
#include "commands/commands.hpp"
#include "core/text.hpp"
#include "deploy/restart.hpp"
#include "traffic/live_traffic.hpp"
#include "upkeep/pause.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <memory>

namespace teal::tool {

namespace {

struct StopOptions {
  std::string app;
  std::string color;
  bool yes = false;
};

void tell(const Context& context, const std::string& app, const std::vector<std::string>& colors, const char* key,
          const std::string& words) {
  if (context.json) {
    context.print_json({{"app", app}, {key, boost::json::array(colors.begin(), colors.end())}});
  } else {
    context.print(words);
  }
}

/// What its visitors lose by that; empty: nothing.
std::string describe_loss(Services& services, Store& store, const std::string& app, const std::vector<Color>& colors) {
  const auto live = LiveTraffic(services, store, app).live();
  for (const Color color : colors) {
    if (live == color || !services.router) {
      return fmt::format("{} of '{}' {}: nothing answers its requests until: tealhook start {}", to_string(color), app,
                         services.router ? "is live" : "serves its port", app);
    }
  }
  return "";
}

void stop(Context& context, const StopOptions& options) {
  Services services = context.open_services();
  context.require(Verb::manage, services.home, options.app);
  Store store(services.home.store(), context.clock());
  std::vector<Color> colors = colors_that_run(services, store, options.app);
  if (!options.color.empty()) {
    std::erase_if(colors, [&](Color color) { return color != parse_color(options.color); });
  }
  const std::string loss = describe_loss(services, store, options.app, colors);
  if (!loss.empty() && !options.yes && !context.confirm(loss + "\nstop it?")) {
    context.print("nothing was stopped");
    return;
  }
  std::vector<std::string> stopped;
  for (const Color color : colors) {
    if (stop_color(services, store, services.slot(options.app, color), context.principal())) {
      stopped.emplace_back(to_string(color));
    }
  }
  tell(context, options.app, stopped, "stopped",
       stopped.empty()
           ? fmt::format("nothing of '{}' runs{}", options.app, options.color.empty() ? "" : " on " + options.color)
           : fmt::format("stopped {} of '{}', which stays so until: tealhook start {}", join(stopped, " and "),
                         options.app, options.app));
}

void start(Context& context, const StopOptions& options) {
  Services services = context.open_services();
  context.require(Verb::manage, services.home, options.app);
  Store store(services.home.store(), context.clock());
  std::vector<std::string> started;
  const Color first = chosen_color(services, store, options.app, options.color); // live traffic's
  const bool both = options.color.empty();
  for (const Color color : both ? std::vector{first, other(first)} : std::vector{first}) {
    const Slot slot = services.slot(options.app, color);
    const bool is_meant = color == first || services.target(options.app).current(slot);
    if (is_meant && start_color(services, store, slot, context.principal())) {
      started.emplace_back(to_string(color));
    }
  }
  tell(context, options.app, started, "started",
       started.empty() ? fmt::format("what '{}' has runs already", options.app)
                       : fmt::format("started {} of '{}'", join(started, " and "), options.app));
}

} // namespace

void add_stop(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("stop", "stop what runs, until somebody starts it again");
  command->footer("Examples:\n  tealhook stop shop --yes           # both colors; whoever asks gets a 503\n"
                  "  tealhook stop shop --color blue    # what is idle");
  const auto options = std::make_shared<StopOptions>();
  command->add_option("NAME", options->app, "the app")->required();
  add_color_option(*command, options->color, "both");
  command->add_flag("--yes", options->yes, "do not ask, also where it is live");
  command->callback([&context, options] { stop(context, *options); });

  CLI::App* start_command =
      root.add_subcommand("start", "start what was stopped, and prove it before it gets requests");
  start_command->footer("Examples:\n  tealhook start shop\n  tealhook start shop --color blue");
  const auto start_options = std::make_shared<StopOptions>();
  start_command->add_option("NAME", start_options->app, "the app")->required();
  add_color_option(*start_command, start_options->color, "both");
  start_command->callback([&context, start_options] { start(context, *start_options); });
}

} // namespace teal::tool
