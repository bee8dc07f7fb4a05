#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "request/deployment_log.hpp"
#include "trigger/by_hand.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::tool {

namespace {

struct FreezeOptions {
  std::string app;
  std::string why;
};

void freeze(Context& context, const FreezeOptions& options) {
  const Home home = context.open_home();
  context.require(Verb::freeze, home, options.app);
  const std::string why = printable(std::string(trim(options.why)));
  if (why.empty()) {
    throw Error(ErrorKind::usage, "say why, for those who will read it: -m WHY");
  }
  Store store(home.store(), context.clock());
  const Freeze made{.app = options.app, .who = context.principal().text(), .why = why, .at = {}};
  const int held = store.traffic.set_freeze(made, context.principal().origin);
  if (context.json) {
    context.print_json(frozen_json(made, held));
  } else {
    context.print(fmt::format("'{}' is frozen: pushes are kept, but not deployed, until: tealhook unfreeze {}",
                              options.app, options.app));
    if (held > 0) {
      context.print(fmt::format("{} deployment{} that waited will not run", held, held == 1 ? "" : "s"));
    }
  }
}

struct UnfreezeOptions {
  std::string app;
  bool deploy = false;
};

/// Whether what was asked for during the freeze is to be deployed now.
bool wants(const Context& context, const std::vector<Deployment>& held, bool asked_for) {
  if (held.empty() || asked_for || context.json || !Context::can_ask()) {
    return asked_for;
  }
  std::string question = "deploy what came meanwhile?";
  for (const Deployment& one : held) {
    question += fmt::format("\n  {} to {}", describe(one.event), one.destination.text());
  }
  return context.confirm(question);
}

/// One after the other. Returns their ids.
std::vector<std::int64_t> deploy(Context& context, const Home& home, Store& store,
                                 const std::vector<Deployment>& held) {
  std::vector<std::int64_t> ids;
  Output output = context.output();
  const Workplace place = context.workplace(home, store);
  std::vector<Submission> submissions;
  for (const Deployment& one : held) {
    submissions.push_back(
        submit(place, context.principal(),
               {.event = asked_again(one.event, context.clock().now()), .destination = one.destination}));
    ids.emplace_back(submissions.back().deployment.id);
  }
  for (const Submission& submission : submissions) {
    context.exit_code = std::max(context.exit_code, present(place, submission, output, false));
  }
  return ids;
}

void tell_held(const Context& context, const std::vector<Deployment>& held) {
  for (const Deployment& one : held) {
    context.print(fmt::format("{} came meanwhile and is not deployed; to deploy it: {}", describe(one.event),
                              command_to_repeat(one)));
  }
}

void unfreeze(Context& context, const UnfreezeOptions& options) {
  const Home home = context.open_home();
  const std::string& app = options.app;
  context.require(Verb::freeze, home, app);
  Store store(home.store(), context.clock());
  const auto freeze = store.traffic.freeze(app);
  const auto held = freeze ? store.history.held(app, freeze->at) : std::vector<Deployment>();
  const bool was_frozen = store.traffic.remove_freeze(app, context.principal().text(), context.principal().origin);
  if (!context.json) {
    context.print(was_frozen ? fmt::format("'{}' deploys again what is pushed", app)
                             : fmt::format("'{}' was not frozen", app));
  }
  const bool deploys = wants(context, held, options.deploy);
  const auto deployed = deploys ? deploy(context, home, store, held) : std::vector<std::int64_t>();
  if (context.json) {
    context.print_json(unfrozen_json(app, was_frozen, deployed));
  } else if (!deploys) {
    tell_held(context, held);
  }
}

} // namespace

void add_freeze(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("freeze", "deploy nothing of an app for a while; rollback and switch still work");
  command->footer("Examples:\n  tealhook freeze shop -m 'stocktaking until Monday'");
  const auto options = std::make_shared<FreezeOptions>();
  command->add_option("NAME", options->app, "the app")->required();
  command->add_option("-m", options->why, "why, for those who push meanwhile")->type_name("WHY")->required();
  command->callback([&context, options] { freeze(context, *options); });

  CLI::App* end = root.add_subcommand("unfreeze", "deploy again what is pushed, and on demand what came meanwhile");
  end->footer("Examples:\n  tealhook unfreeze shop              # on a terminal it asks about what came meanwhile\n"
              "  tealhook unfreeze shop --deploy");
  const auto end_options = std::make_shared<UnfreezeOptions>();
  end->add_option("NAME", end_options->app, "the app")->required();
  end->add_flag("--deploy", end_options->deploy, "deploy what came meanwhile, the newest for each color");
  end->callback([&context, end_options] { unfreeze(context, *end_options); });
}

} // namespace teal::tool
