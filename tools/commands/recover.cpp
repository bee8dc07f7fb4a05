#include "commands/commands.hpp"
#include "config/load.hpp"
#include "deploy/scale.hpp"
#include "report/json.hpp"
#include "request/runner_start.hpp"
#include "upkeep/restore.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

void recover(Context& context) {
  Services services = context.open_services();
  Store store(services.home.store(), context.clock());
  boost::json::array changes;
  const auto tell = [&](const std::string& line) {
    changes.push_back(to_text(line));
    if (!context.json) {
      context.print(line);
    }
  };
  bool well = restore(services, store, tell);
  const Workplace place = context.workplace(services.home, store);
  for (const std::string& app : list_apps(services.home)) {
    try {
      for (const Submission& one : mend_replicas(services, place, context.principal(), app)) {
        tell(fmt::format("{}: {} has fewer than {} replicas: deployment {} brings the others back", app,
                         one.deployment.destination.text(), one.deployment.replicas, one.deployment.id));
      }
    } catch (const Error& error) {
      well = false;
      tell(fmt::format("{}: {}", app, error.message()));
    }
  }
  for (const std::string& app :
       start_runners(services.home, store.queue, context.environment(), Installation::of_this_program())) {
    tell(fmt::format("{}: a runner was started for what waits", app));
  }
  if (context.json) {
    context.print(boost::json::serialize(boost::json::value{{"changes", std::move(changes)}}));
  } else if (changes.empty()) {
    context.print("all is as it should be");
  }
  context.exit_code = well ? 0 : exit_code(ErrorKind::environment);
}

} // namespace

void add_recover(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("recover", "start what ought to run, after a restart of host, engine or router; exits 3 if "
                                     "something cannot be");
  command->footer("Examples:\n  tealhook recover                # at boot, or whenever in doubt: it may be run again\n"
                  "  tealhook recover --json");
  command->callback([&context] { recover(context); });
}

} // namespace teal::tool
