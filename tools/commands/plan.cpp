#include "report/plan.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "place_options.hpp"
#include "request/deployment_log.hpp"
#include "request/follower.hpp"
#include "trigger/by_hand.hpp"
#include "upkeep/preview.hpp"

#include <fmt/format.h>

namespace teal::tool {

namespace {

void print(Context& context, const Services& services, const Event& event, const Preview& preview) {
  context.print(fmt::format("{} -> {}   {}", event.app, place_of(preview), describe(event)));
  for (const auto& [name, fact] : planned_steps(services, event, preview)) {
    context.print(fmt::format("{:<8}   {}", name, fact));
  }
  for (const Error& error : preview.obstacles) {
    context.print(fmt::format("error: {}", error.message()));
  }
  if (preview.freeze) {
    context.print(describe(*preview.freeze));
  } else if (preview.pause) {
    context.print(describe(*preview.pause));
  } else if (preview.obstacles.empty()) {
    context.print("nothing known stands in its way; nothing was done");
  }
}

void plan(Context& context, const PlaceOptions& options) {
  Services services = context.open_services();
  const Home& home = services.home;
  context.require(Verb::read, home, options.app);
  Store store(home.store(), context.clock());
  const Request request = request_by_hand(home, store.history, hand_order(options),
                                          load_app_settings(home, options.app).branches, context.clock().now());
  if (request.destination.is_target()) {
    require_destination(home, options.app, request.destination);
  }
  const Event& event = request.event;
  const Preview found = preview(services, store, request);
  if (context.json) {
    context.print_json(to_json(services, event, found));
  } else {
    print(context, services, event, found);
  }
  if (found.freeze || found.pause) {
    context.exit_code = exit_code(ErrorKind::busy);
  } else if (!found.obstacles.empty()) {
    context.exit_code = exit_code(found.obstacles.front().kind());
  }
}

} // namespace

void add_plan(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("plan", "what a deployment would do, and what stands in its way");
  command->footer("Examples:\n  tealhook plan shop\n  tealhook plan shop --color live --rev v1.4\n"
                  "  tealhook plan shop --image registry.example.com/shop:1.4\n"
                  "  tealhook plan shop --target heroku");
  const auto options = std::make_shared<PlaceOptions>();
  add_place_options(*command, *options);
  command->callback([&context, options] { plan(context, *options); });
}

} // namespace teal::tool
