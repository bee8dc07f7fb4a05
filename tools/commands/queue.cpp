#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "request/cancel.hpp"
#include "request/deployment_log.hpp"
#include "request/presenter.hpp"
#include "table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

namespace json = boost::json;

struct Options {
  std::int64_t deployment = 0;
  bool detach = false;
};

void list(Context& context) {
  const Home home = context.open_home();
  auto pending = context.open_store(home).queue.pending();
  std::erase_if(pending,
                [&](const Deployment& one) { return !may(context.principal(), one.event.app, Verb::read).yes; });
  if (context.json) {
    json::array all;
    for (const Deployment& deployment : pending) {
      all.push_back(to_json(deployment));
    }
    context.print_json(all);
    return;
  }
  std::vector<Row> rows{{"ID", "APP", "TO", "STATUS", "WHAT", "WHO", "FOR"}};
  for (const Deployment& deployment : pending) {
    rows.push_back({std::to_string(deployment.id), deployment.event.app, std::string(place_of(deployment)),
                    std::string(to_string(deployment.status)), describe(deployment.event), deployment.event.who,
                    format_age(context.clock().now() - deployment.started.value_or(deployment.created))});
  }
  context.print(pending.empty() ? "nothing waits, and nothing is being deployed" : format_table(rows));
}

void cancel(Context& context, std::int64_t id) {
  const Home home = context.open_home();
  Store store(home.store(), context.clock());
  static_cast<void>(context.require_deployment(Verb::deploy, store, id));
  const Deployment ended =
      cancel_deployment({home, context.environment(), Installation::of_this_program(), store}, id, context.principal());
  context.exit_code = ended.status == Status::cancelled ? 0 : 1;
  if (context.json) {
    context.print_json(to_json(ended));
    return;
  }
  context.print(ended.status == Status::cancelled
                    ? fmt::format("deployment {} was {}", id, ended.outcome)
                    : fmt::format("deployment {} was not cancelled: it had {} already; {}", id,
                                  ended.status == Status::failed ? "failed" : "ended", ended.outcome));
}

/// The same event once more, as it was asked for.
void retry(Context& context, const Options& options) {
  const Home home = context.open_home();
  Store store(home.store(), context.clock());
  const Deployment before = context.require_deployment(Verb::deploy, store, options.deployment);
  if (!is_final(before.status)) {
    throw Error(ErrorKind::usage, fmt::format("deployment {} is {}; follow it with: tealhook logs {} -f", before.id,
                                              to_string(before.status), before.id));
  }
  require_app(home, before.event.app);
  Request request{.event = before.event,
                  .destination = before.destination,
                  .release = before.from_release ? before.release : 0,
                  .is_restart = before.is_restart};
  request.event.trigger = Trigger::cli;
  request.event.at = context.clock().now();
  const Workplace place{home, context.environment(), Installation::of_this_program(), store};
  const Submission submission = submit(place, context.principal(), request);
  Output output = context.output();
  context.exit_code = present(place, submission, output, options.detach);
  if (context.json) {
    context.print_json(to_json(store.history.deployment(submission.deployment.id).value()));
  }
}

} // namespace

void add_queue(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("queue", "what waits and what is being deployed; cancel it, or ask again");
  group->require_subcommand(0, 1);
  group->footer("Examples:\n  tealhook queue                # what waits, and what runs\n  tealhook queue cancel 42\n"
                "  tealhook queue retry 42");
  group->callback([&context, group] {
    if (group->get_subcommands().empty()) {
      list(context);
    }
  });
  CLI::App* list_command = group->add_subcommand("list", "what waits, and what is being deployed, of all apps");
  list_command->footer("Examples:\n  tealhook queue list --json");
  list_command->callback([&context] { list(context); });

  const auto options = std::make_shared<Options>();
  CLI::App* cancel_command = group->add_subcommand(
      "cancel", "end a deployment that waits or runs; what it had begun is undone, and what serves goes on");
  cancel_command->footer("Examples:\n  tealhook queue cancel 42");
  cancel_command->add_option("ID", options->deployment, "the deployment")->required();
  cancel_command->callback([&context, options] { cancel(context, options->deployment); });

  CLI::App* retry_command = group->add_subcommand("retry", "ask again for what a deployment that is over was to do");
  retry_command->footer("Examples:\n  tealhook queue retry 42 --detach");
  retry_command->add_option("ID", options->deployment, "the deployment")->required();
  retry_command->add_flag("--detach", options->detach, "do not wait for the outcome");
  retry_command->callback([&context, options] { retry(context, *options); });
}

} // namespace teal::tool
