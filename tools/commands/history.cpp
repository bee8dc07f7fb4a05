#include "report/history.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

std::string how_long(const Deployment& deployment) {
  return deployment.started && deployment.finished ? format_seconds(*deployment.finished - *deployment.started) : "";
}

/// "push by ada", "rollback by bob"; somebody who is not known is not named.
std::string whose(std::string_view what, const std::string& who) {
  return who.empty() ? std::string(what) : fmt::format("{} by {}", what, who);
}

std::string what_of(const Deployment& deployment) {
  if (deployment.replicas > 0) {
    return fmt::format("scale to {}", deployment.replicas);
  }
  return deployment.is_restart     ? "restart"
         : deployment.from_release ? "rollback"
                                   : std::string(to_string(deployment.event.trigger));
}

Row to_row(const PastDeployment& past, TimePoint now) {
  const Deployment& deployment = past.deployment;
  return {std::to_string(deployment.id),
          std::string(place_of(deployment)),
          past.describe_status(now),
          std::string(short_commit(deployment.event.new_commit)),
          how_long(deployment),
          format_age(now - deployment.created),
          whose(what_of(deployment), deployment.event.who),
          is_success(deployment.status) ? shorten(deployment.event.subject, 50) : shorten(deployment.outcome, 80)};
}

Row to_row(const Action& action, TimePoint now) {
  return {"-", "-", "-", "-", "", format_age(now - action.at), whose(action.verb, action.who), action.text};
}

void show_history(Context& context, const std::string& app, std::size_t limit) {
  const Home home = context.open_home();
  context.require(Verb::read, home, app);
  const Store store(home.store(), context.clock());
  const auto entries = history_of(store, app, limit);
  if (context.json) {
    boost::json::array list;
    for (const HistoryEntry& entry : entries) {
      list.push_back(to_json(entry));
    }
    context.print_json(list);
    return;
  }
  const TimePoint now = context.clock().now();
  std::vector<Row> rows{{"ID", "COLOR", "STATUS", "COMMIT", "TOOK", "AGE", "WHAT", "SUBJECT OR REASON"}};
  for (const HistoryEntry& entry : entries) {
    rows.push_back(std::visit([&](const auto& one) { return to_row(one, now); }, entry));
  }
  context.print(format_table(rows));
  if (!store.history.latest(app)) {
    context.print(fmt::format("'{}' was never deployed", app));
  }
}

} // namespace

void add_history(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("history", "list an app's deployments, and what was done beside, newest first");
  command->footer("Examples:\n  tealhook history shop\n  tealhook history shop -n 100 --json      # with steps and "
                  "their durations");
  const auto app = std::make_shared<std::string>();
  const auto limit = std::make_shared<std::size_t>(20);
  command->add_option("NAME", *app, "the app")->required();
  command->add_option("-n", *limit, "how many at most")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->callback([&context, app, limit] { show_history(context, *app, *limit); });
}

} // namespace teal::tool
