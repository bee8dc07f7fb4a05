#include "commands/commands.hpp"
#include "config/load.hpp"
#include "place_options.hpp"
#include "report/json.hpp"
#include "trigger/by_hand.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

namespace teal::tool {

namespace {

struct DeployOptions {
  PlaceOptions place;
  bool detach = false;
};

/// Ctrl-C ends the showing, not the deployment. Only calls that a signal handler may make.
void say_goodbye(int /*signal*/) {
  constexpr std::string_view k_words = "\nstopped showing; the deployment goes on\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, k_words.data(), k_words.size());
  ::_exit(130);
}

void deploy(Context& context, const DeployOptions& options) {
  const Home home = context.open_home();
  const std::string& app = options.place.app;
  context.require(options.place.image.empty() ? Verb::deploy : Verb::push, home, app);
  Store store(home.store(), context.clock());
  const Request request = request_by_hand(home, store.history, hand_order(options.place),
                                          load_app_settings(home, app).branches, context.clock().now());
  Output output = context.output();
  std::signal(SIGINT, say_goodbye);
  const Workplace place = context.workplace(home, store);
  const Submission submission = submit(place, context.principal(), request);
  context.exit_code = present(place, submission, output, options.detach);
  if (context.json) {
    context.print(boost::json::serialize(to_json(store.history.deployment(submission.deployment.id).value())));
  }
}

} // namespace

void add_deploy(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("deploy", "deploy again, without a push");
  command->footer(
      "Examples:\n  tealhook deploy shop                             # what was asked for last, where it was\n"
      "  tealhook deploy shop --color live                # the same, and live traffic follows\n"
      "  tealhook deploy shop --color green --rev v1.4 --detach\n"
      "  tealhook deploy shop --image registry.example.com/shop:1.4      # built elsewhere, kept by digest\n"
      "  tealhook deploy shop --target heroku --rev v1.4  # to one of its targets");
  const auto options = std::make_shared<DeployOptions>();
  add_place_options(*command, options->place);
  command->add_flag("--detach", options->detach, "do not wait for the outcome");
  command->callback([&context, options] { deploy(context, *options); });
}

} // namespace teal::tool
