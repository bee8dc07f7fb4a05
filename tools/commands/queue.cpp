#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "request/cancel.hpp"
#include "request/deployment_log.hpp"
#include "request/follower.hpp"
#include "request/presenter.hpp"
#include "table.hpp"
#include "trigger/by_hand.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace teal::tool {

namespace {

namespace json = boost::json;

struct QueueOptions {
  std::int64_t deployment = 0;
  std::string app;
  bool detach = false;
};

/// "running", "paused", "waits 4s", "retry 1 in 8s": what one that is pending is at.
std::string describe_state(const Deployment& deployment, bool is_paused, TimePoint now) {
  if (deployment.status != Status::queued) {
    return std::string(to_string(deployment.status));
  }
  if (is_paused) {
    return "paused";
  }
  if (!deployment.due || *deployment.due <= now) {
    return "queued";
  }
  const std::string left = format_duration(std::chrono::ceil<std::chrono::seconds>(*deployment.due - now));
  return deployment.retry == 0 ? "waits " + left : fmt::format("retry {} in {}", deployment.retry, left);
}

void list(Context& context) {
  const Home home = context.open_home();
  const Store store = context.open_store(home);
  auto pending = store.queue.pending();
  auto pauses = store.queue.pauses();
  const auto is_hidden = [&](const std::string& app) { return !may(context.principal(), app, Verb::read).yes; };
  std::erase_if(pending, [&](const Deployment& one) { return is_hidden(one.event.app); });
  std::erase_if(pauses, [&](const Pause& one) { return is_hidden(one.app); });
  const auto pause_of = [&](const Deployment& deployment) {
    return std::find_if(pauses.begin(), pauses.end(),
                        [&](const Pause& pause) { return pause.app == deployment.event.app; });
  };
  if (context.json) {
    json::array all;
    for (const Deployment& deployment : pending) {
      const auto pause = pause_of(deployment);
      json::object shown = to_json(deployment);
      shown["paused"] = pause == pauses.end() ? json::value(nullptr) : json::value(to_json(*pause));
      all.push_back(std::move(shown));
    }
    context.print_json(all);
    return;
  }
  std::vector<Row> rows{{"ID", "APP", "TO", "STATUS", "WHAT", "WHO", "FOR"}};
  const TimePoint now = context.clock().now();
  for (const Deployment& deployment : pending) {
    rows.push_back({std::to_string(deployment.id), deployment.event.app, std::string(place_of(deployment)),
                    describe_state(deployment, pause_of(deployment) != pauses.end(), now), describe(deployment.event),
                    deployment.event.who, format_age(now - deployment.started.value_or(deployment.created))});
  }
  context.print(pending.empty() ? "nothing waits, and nothing is being deployed" : format_table(rows));
  for (const Pause& pause : pauses) {
    context.print(fmt::format("{}; to go on: tealhook queue resume {}", describe(pause), pause.app));
  }
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
void retry(Context& context, const QueueOptions& options) {
  const Home home = context.open_home();
  Store store(home.store(), context.clock());
  const Deployment before = context.require_deployment(Verb::deploy, store, options.deployment);
  if (!is_final(before.status)) {
    throw Error(ErrorKind::usage, fmt::format("deployment {} is {}; follow it with: tealhook logs {} -f", before.id,
                                              to_string(before.status), before.id));
  }
  require_app(home, before.event.app);
  const Request request = request_again(store.history, before, context.clock().now());
  const Workplace place{home, context.environment(), Installation::of_this_program(), store};
  const Submission submission = submit(place, context.principal(), request);
  Output output = context.output();
  context.exit_code = present(place, submission, output, options.detach);
  if (context.json) {
    context.print_json(to_json(store.history.deployment(submission.deployment.id).value()));
  }
}

void pause(Context& context, const std::string& app) {
  const Home home = context.open_home();
  context.require(Verb::freeze, home, app);
  Store store(home.store(), context.clock());
  const bool is_new =
      store.queue.pause({.app = app, .who = context.principal().text(), .at = {}}, context.principal().origin);
  const Pause pause = store.queue.find_pause(app).value();
  if (context.json) {
    context.print_json(paused_json(pause, !is_new));
    return;
  }
  context.print(is_new ? fmt::format("'{}' is paused: what is asked for waits, and what runs goes on, until: tealhook "
                                     "queue resume {}",
                                     app, app)
                       : fmt::format("{} already", describe(pause)));
}

void resume(Context& context, const std::string& app) {
  const Home home = context.open_home();
  context.require(Verb::freeze, home, app);
  Store store(home.store(), context.clock());
  const Resumption done = resume_queue(context.workplace(home, store), context.principal(), app);
  if (context.json) {
    context.print_json(resumed_json(app, done.was_paused, done.waiting));
  } else {
    context.print(!done.was_paused    ? fmt::format("'{}' was not paused", app)
                  : done.waiting == 0 ? fmt::format("'{}' deploys again; nothing waited", app)
                                      : fmt::format("'{}' deploys again; {} deployment{} waited: tealhook queue", app,
                                                    done.waiting, done.waiting == 1 ? "" : "s"));
  }
  if (done.runner_fault) {
    throw Error(*done.runner_fault);
  }
}

} // namespace

void add_queue(CLI::App& root, Context& context) {
  CLI::App* group =
      root.add_subcommand("queue", "what waits and what is being deployed; cancel it, ask again, or keep it waiting");
  group->require_subcommand(0, 1);
  group->footer("Examples:\n  tealhook queue                # what waits, and what runs\n  tealhook queue cancel 42\n"
                "  tealhook queue retry 42\n  tealhook queue pause shop     # and later: tealhook queue resume shop");
  group->callback([&context, group] {
    if (group->get_subcommands().empty()) {
      list(context);
    }
  });
  CLI::App* list_command = group->add_subcommand("list", "what waits, and what is being deployed, of all apps");
  list_command->footer("Examples:\n  tealhook queue list --json");
  list_command->callback([&context] { list(context); });

  const auto options = std::make_shared<QueueOptions>();
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

  CLI::App* pause_command =
      group->add_subcommand("pause", "begin nothing of an app for a while: what is asked for is queued, and waits");
  pause_command->footer("Other than 'tealhook freeze', it refuses nothing; of what comes for one place, the\n"
                        "newest is deployed then.\n\nExamples:\n  tealhook queue pause shop");
  pause_command->add_option("NAME", options->app, "the app")->required();
  pause_command->callback([&context, options] { pause(context, options->app); });

  CLI::App* resume_command = group->add_subcommand("resume", "deploy what waits of a paused app, and what comes");
  resume_command->footer("Examples:\n  tealhook queue resume shop");
  resume_command->add_option("NAME", options->app, "the app")->required();
  resume_command->callback([&context, options] { resume(context, options->app); });
}

} // namespace teal::tool
