#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "json.hpp"
#include "table.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

std::string how_long(const Deployment& deployment) {
  return deployment.started && deployment.finished ? format_seconds(*deployment.finished - *deployment.started) : "";
}

Row to_row(const Deployment& deployment, TimePoint now) {
  return {std::to_string(deployment.id),
          std::string(place_of(deployment)),
          std::string(to_string(deployment.status)),
          std::string(short_commit(deployment.event.new_commit)),
          how_long(deployment),
          format_age(now - deployment.created),
          std::string(to_string(deployment.event.trigger)) + " by " + deployment.event.who,
          is_success(deployment.status) ? shorten(deployment.event.subject, 50)
                                        : shorten(printable(deployment.outcome), 80)};
}

void show_history(Context& context, const std::string& app, std::size_t limit) {
  const Home home = context.open_home();
  context.require(Verb::read, home, app);
  Store store(home.store(), context.clock());
  const auto deployments = store.history.deployments(app, limit);
  if (context.json) {
    boost::json::array list;
    for (const Deployment& deployment : deployments) {
      list.push_back(to_json(deployment));
    }
    context.print(boost::json::serialize(list));
    return;
  }
  if (deployments.empty()) {
    context.print(fmt::format("'{}' was never deployed", app));
    return;
  }
  std::vector<Row> rows{{"ID", "COLOR", "STATUS", "COMMIT", "TOOK", "AGE", "TRIGGER", "SUBJECT OR REASON"}};
  for (const Deployment& deployment : deployments) {
    rows.push_back(to_row(deployment, context.clock().now()));
  }
  context.print(format_table(rows));
}

} // namespace

void add_history(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("history", "list an app's deployments, the newest first");
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
