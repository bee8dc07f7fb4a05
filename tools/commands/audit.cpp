#include "commands/commands.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

struct AuditOptions {
  std::string app;
  std::size_t limit = 50;
};

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

Row to_row(const Action& action) {
  return {format_time(action.at),
          or_dash(action.who),
          std::string(to_string(action.origin.door)),
          or_dash(action.origin.from),
          (action.refused ? "REFUSED " : "") + action.verb,
          or_dash(action.app),
          action.deployment == 0 ? "-" : std::to_string(action.deployment),
          shorten(action.text, 100)};
}

void show(Context& context, const AuditOptions& options) {
  const Home home = context.open_home();
  const Store store = context.open_store(home);
  context.require_permission(Verb::manage, home, options.app.empty() ? Grant::k_any_app : options.app);
  const auto actions =
      store.actions.audit(options.app.empty() ? std::nullopt : std::optional(options.app), options.limit);
  if (context.json) {
    boost::json::array list;
    for (const Action& action : actions) {
      list.push_back(to_json(action));
    }
    context.print_json(list);
    return;
  }
  std::vector<Row> rows{{"WHEN", "WHO", "DOOR", "FROM", "WHAT", "APP", "DEPLOYMENT", "IN WORDS"}};
  for (const Action& action : actions) {
    rows.push_back(to_row(action));
  }
  context.print(actions.empty() ? "nothing is on record" : format_table(std::move(rows)));
}

} // namespace

void add_audit(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("audit", "who did, or was refused, what, through which door and from where, newest first");
  command->footer("Examples:\n  tealhook audit\n  tealhook audit shop -n 500 --json");
  const auto options = std::make_shared<AuditOptions>();
  command->add_option("NAME", options->app, "one app only, also one that is gone");
  command->add_option("-n", options->limit, "how many at most")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->callback([&context, options] { show(context, *options); });
}

} // namespace teal::tool
