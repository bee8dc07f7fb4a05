#include "commands/commands.hpp"
#include "config/load.hpp"
#include "process/user.hpp"
#include "report/json.hpp"
#include "request/request.hpp"
#include "traffic/live_traffic.hpp"
#include "trigger/push.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

namespace teal::tool {

namespace {

struct Options {
  std::string app;
  std::string color = "idle";
  std::string revision;
  bool detach = false;
};

/// Ctrl-C ends the showing, not the deployment. Only calls that a signal handler may make.
void say_goodbye(int /*signal*/) {
  constexpr std::string_view k_words = "\nstopped showing; the deployment goes on\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, k_words.data(), k_words.size());
  ::_exit(130);
}

void deploy(Context& context, const Options& options) {
  Services services = context.open_services();
  const Home& home = services.home;
  require_app(home, options.app);
  Store store(home.store(), context.clock());
  const Color color = parse_color(options.color).value_or(LiveTraffic(services, store, options.app).idle());
  const auto repository = git::Repository::open(home.app(options.app).repository(color));
  const AppSettings settings = load_app_settings(home, options.app);
  const Event event = event_by_hand(
      {repository, options.app, color, settings.branches, user_name(), context.clock().now()}, options.revision);
  Output output = context.output();
  std::signal(SIGINT, say_goodbye);
  const Request request = request_deployment(
      {home, context.environment(), Installation::of_this_program(), store, output}, event, {color}, options.detach);
  context.exit_code = request.exit_code;
  if (context.json) {
    context.print(boost::json::serialize(to_json(store.history.deployment(request.deployment).value())));
  }
}

} // namespace

void add_deploy(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("deploy", "deploy again, without a push");
  command->footer("Examples:\n  tealhook deploy shop                             # the color that is idle\n"
                  "  tealhook deploy shop --color green --rev v1.4 --detach");
  const auto options = std::make_shared<Options>();
  command->add_option("NAME", options->app, "the app")->required();
  command
      ->add_option("--color", options->color,
                   "blue, green, or idle: the one that is not live, or was not deployed last")
      ->type_name("COLOR")
      ->check(CLI::IsMember({"blue", "green", "idle"}))
      ->capture_default_str();
  command
      ->add_option("--rev", options->revision,
                   "branch, tag or commit of that color's repository (default: the first of 'branches' it has)")
      ->type_name("REV");
  command->add_flag("--detach", options->detach, "do not wait for the outcome");
  command->callback([&context, options] { deploy(context, *options); });
}

} // namespace teal::tool
