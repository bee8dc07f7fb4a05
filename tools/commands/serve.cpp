#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "old_observer.hpp"
#include "serve/daemon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

namespace teal::tool {

namespace {

using serve::Log;

struct ServeOptions {
  std::string log;
  bool observes = false;
  serve::ObserveWish wish;
  OldObserver old;
};

/// The app that an observer without one is for: the only one, or the one that is called like the repository.
std::string app_of(const Home& home, const serve::ObserveWish& wish) {
  if (!wish.app.empty()) {
    return wish.app;
  }
  const auto apps = list_apps(home);
  std::string name = wish.repo.substr(wish.repo.rfind('/') + 1);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (std::find(apps.begin(), apps.end(), name) != apps.end()) {
    return name;
  }
  if (apps.size() != 1) {
    throw Error(ErrorKind::usage, fmt::format("say which app '{}' is deployed to: --app; there is {}", wish.repo,
                                              apps.empty() ? "none: tealhook app create NAME" : join(apps, ", ")));
  }
  return apps.front();
}

/// What options and environment name is observed, beside what app.yml says.
void configure(const Context& context, const Home& home, ServeOptions& options) {
  complete(options.wish, options.old, context.environment(), load_server_settings(home).serve.listen);
  if (options.wish.repo.empty()) {
    return;
  }
  options.wish.app = app_of(home, options.wish);
  const forge::CallOptions patience{.tries = 5, .tell = [](const std::string& what) { std::cerr << what << '\n'; }};
  static_cast<void>(serve::configure(home, options.wish, patience, context.clock()));
}

void run_daemon(Context& context, ServeOptions options) {
  const Home home = context.open_home(); // first: it changes the environment
  std::optional<Log::Form> form;
  if (!options.log.empty()) {
    form = options.log == "json" ? Log::Form::json : Log::Form::text;
  }
  if (options.observes) {
    configure(context, home, options);
  } else if (!options.wish.repo.empty() || !options.old.pat.empty() || is_named_by(context.environment())) {
    std::cerr << "note: without --observe nothing is registered at a forge\n";
  }
  Environment environment = context.environment();
  environment.erase(OldObserver::k_pat); // not for runners and what they build
  serve::Daemon daemon({home, environment, Installation::of_this_program(), form, options.observes}, context.clock());
  static_cast<void>(daemon.run()); // how it ended is in its log
}

} // namespace

void add_serve(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "serve", "take deliveries (POST /hook/APP/SOURCE) and trigger files, poll sources, answer the API\n"
               "(/api/v1), and keep router, registry and runners alive, until SIGTERM");
  const auto options = std::make_shared<ServeOptions>();
  command->add_option("--log", options->log, "what it says on standard error: text or json (else serve.log)")
      ->type_name("FORM")
      ->check(CLI::IsMember({"text", "json"}));
  command->add_flag("--observe", options->observes,
                    "register what is observed (see: tealhook observe) at its forge while it runs, and remove it then");
  command->add_option("--repo", options->wish.repo, "with --observe: this repository at GitHub, too")
      ->type_name("OWNER/NAME");
  add_old_options(*command, options->old);
  command->add_option("--app", options->wish.app, "its app (else the only one, or the one of the repository's name)")
      ->type_name("APP");
  command->add_option("--url", options->wish.public_url, "as the forge reaches this (else serve.public_url)")
      ->type_name("URL");
  command->add_option("--api", options->wish.api, "where the forge's API is, if it is your own")->type_name("URL");
  command->footer("It also answers GET /healthz, GET /metrics for Prometheus, and GET /api/v1/openapi.json.\n"
                  "SIGHUP reads the settings anew.\n"
                  "Restarting it loses nothing that was accepted, and disturbs no deployment.\n"
                  "With --observe, DPLOY_PUBLIC_NODE, DPLOY_OBSERVER_GITHUB_PAT, DPLOY_OBSERVER_GITHUB_OWNER,\n"
                  "DPLOY_OBSERVER_GITHUB_REPO and DPLOY_OBSERVER_TARGETBRANCH stand for what is not given.\n\n"
                  "Examples:\n  tealhook serve\n  tealhook serve --log json\n  tealhook serve --observe\n"
                  "  DPLOY_OBSERVER_GITHUB_PAT=$(cat pat) tealhook serve --observe -owner=ada -repo=shop\n"
                  "  curl http://127.0.0.1:8888/healthz");
  command->callback([&context, options] { run_daemon(context, *options); });
}

} // namespace teal::tool
