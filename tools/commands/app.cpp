#include "report/app.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "request/cancel.hpp"
#include "table.hpp"
#include "upkeep/apps.hpp"

#include <fmt/format.h>

namespace teal::tool {

namespace {

namespace json = boost::json;

void print_remotes(const Context& context, const Home& home, const AppReport& report) {
  for (const auto& [color, address] : report.colors) {
    context.print(fmt::format("  git remote add {} {}", to_string(color), address.remote));
  }
  if (load_server_settings(home).router.kind != ServerSettings::Router::Kind::none) {
    context.print(fmt::format("  git remote add live {}", report.live.remote));
  }
}

void print_own_repositories(const Context& context, const AppReport& report) {
  if (!report.repositories.empty()) {
    context.print("\nrepositories of your own:");
  }
  for (const OwnRepository& own : report.repositories) {
    context.print(own.fault.empty()
                      ? fmt::format("  a push to '{}' deploys {}", own.address.repository.string(), own.color)
                      : fmt::format("  {}", own.fault));
  }
}

void create(Context& context, NewApp app) {
  Services services = context.open_services();
  context.require_permission(Verb::manage, services.home, app.name);
  Store store(services.home.store(), context.clock());
  app.by = context.principal();
  const AppSettings settings = create_app(services, store, Installation::of_this_program(), app);
  const AppReport report = report_on_app(services.home, store, app.name);
  if (context.json) {
    context.print_json(to_json(report));
    return;
  }
  const std::string live = settings.route.port == 0 ? "" : fmt::format(", live on port {}", settings.route.port);
  context.print(fmt::format("made app '{}': blue on port {}, green on port {}{}, its program listens on {}\n"
                            "settings: {}\n\nwhere you work:",
                            app.name, settings.ports.at(Color::blue), settings.ports.at(Color::green), live,
                            settings.container_port == 0 ? fmt::format("what its image EXPOSEs, else {}", k_usual_port)
                                                         : std::to_string(settings.container_port),
                            services.home.app(app.name).settings().string()));
  print_remotes(context, services.home, report);
  context.print(fmt::format("  git push blue {}", settings.branches.front()));
}

void list(Context& context) {
  const Home home = context.open_home();
  const Store store(home.store(), context.clock());
  json::array apps;
  std::vector<Row> rows{{"NAME", "BLUE", "GREEN"}};
  std::vector<Error> faults;
  for (const AppEntry& entry : report_on_apps(home, store)) {
    apps.push_back(to_json(entry));
    if (entry.report) {
      const auto& ports = entry.report->settings.ports;
      rows.push_back({entry.name, std::to_string(ports.at(Color::blue)), std::to_string(ports.at(Color::green))});
    } else {
      faults.push_back(entry.fault.value());
      rows.push_back({entry.name, "-", "-"});
    }
  }
  if (context.json) {
    context.print_json(apps);
  } else {
    context.print(rows.size() == 1 ? "there are no apps; make one with: tealhook app create NAME" : format_table(rows));
  }
  context.tell_faults(faults);
}

void show(Context& context, const std::string& app) {
  const Home home = context.open_home();
  context.require(Verb::read, home, app);
  const Store store(home.store(), context.clock());
  const auto values = describe_app_settings(load_app_text(home, app), std::nullopt);
  const AppReport report = report_on_app(home, store, app);
  if (context.json) {
    context.print_json(to_json(report, values));
    return;
  }
  context.print(format_table(values) + "\n\nwhere you work:");
  print_remotes(context, home, report);
  print_own_repositories(context, report);
}

struct Removal {
  std::string app;
  bool yes = false;
  bool cancel = false;
};

/// Of the app's deployments, what waits or runs. False if somebody does not want that.
bool cancel_deployments(Context& context, Services& services, Store& store, const Removal& removal) {
  const std::vector<Deployment> pending = pending_of(store.queue, removal.app);
  if (!pending.empty() && !removal.yes && !removal.cancel &&
      !context.confirm(fmt::format("deployment {} of '{}' is {}; cancel it?", pending.front().id, removal.app,
                                   to_string(pending.front().status)))) {
    return false;
  }
  cancel_all({services.home, services.environment, Installation::of_this_program(), store}, removal.app,
             context.principal());
  return true;
}

void remove(Context& context, const Removal& removal) {
  const std::string& app = removal.app;
  Services services = context.open_services();
  context.require(Verb::manage, services.home, app);
  if (!removal.yes && !context.confirm(fmt::format(
                          "remove '{}' with its containers, images, repositories, settings and history?", app))) {
    context.print("nothing was removed");
    return;
  }
  Store store(services.home.store(), context.clock());
  if (!cancel_deployments(context, services, store, removal)) {
    context.print("nothing was removed");
    return;
  }
  const std::string left = join(remove_app(services, store, app, context.principal()), "; ");
  if (context.json) {
    context.print_json(removed_json(app, left));
    return;
  }
  context.print(fmt::format("removed app '{}'", app));
  if (!left.empty()) {
    context.print("but " + left);
  }
}

void add_create(CLI::App& group, Context& context) {
  CLI::App* command = group.add_subcommand("create", "make an app: its repositories, hooks and settings");
  command->footer("Examples:\n  tealhook app create shop\n  tealhook app create shop --blue-port 8001 --green-port "
                  "8002 --container-port 3000");
  const auto app = std::make_shared<NewApp>();
  const CLI::Range port(1, 65535);
  command->add_option("NAME", app->name, "what to call it: a-z, 0-9 and single '-', a letter first")->required();
  command->add_option("--blue-port", app->blue_port, "the host's port of blue (default: a free one)")
      ->type_name("PORT")
      ->check(port);
  command->add_option("--green-port", app->green_port, "the host's port of green (default: a free one)")
      ->type_name("PORT")
      ->check(port);
  command
      ->add_option("--live-port", app->live_port,
                   "the host's port of live traffic (default, with a router: a free one)")
      ->type_name("PORT")
      ->check(port);
  command
      ->add_option("--container-port", app->container_port,
                   "what the program listens on, inside (default: what its image EXPOSEs, else 8080)")
      ->type_name("PORT")
      ->check(port);
  command->callback([&context, app] { create(context, *app); });
}

} // namespace

void add_app(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("app", "create, list, show or remove apps");
  group->require_subcommand(1);
  group->footer("Examples:\n  tealhook app create shop\n  tealhook app show shop\n  tealhook app remove shop --yes");
  add_create(*group, context);
  CLI::App* list_command = group->add_subcommand("list", "list the apps and their ports");
  list_command->footer("Examples:\n  tealhook app list\n  tealhook app list --json");
  list_command->callback([&context] { list(context); });

  CLI::App* show_command =
      group->add_subcommand("show", "show an app's settings, where each comes from, and its remotes");
  show_command->footer("Examples:\n  tealhook app show shop\n  tealhook app show shop --json");
  const auto shown = std::make_shared<std::string>();
  show_command->add_option("NAME", *shown, "the app")->required();
  show_command->callback([&context, shown] { show(context, *shown); });

  CLI::App* remove_command = group->add_subcommand("remove", "remove an app with all that belongs to it");
  remove_command->footer("Examples:\n  tealhook app remove shop            # asks first\n"
                         "  tealhook app remove shop --yes");
  const auto removal = std::make_shared<Removal>();
  remove_command->add_option("NAME", removal->app, "the app")->required();
  remove_command->add_flag("--yes", removal->yes, "do not ask, and cancel what of it is being deployed");
  remove_command->add_flag("--cancel", removal->cancel, "cancel what of it is being deployed");
  remove_command->callback([&context, removal] { remove(context, *removal); });
}

} // namespace teal::tool
