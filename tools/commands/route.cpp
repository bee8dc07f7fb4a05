#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "target/address.hpp"
#include "upkeep/hosts.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <memory>

namespace teal::tool {

namespace {

struct RouteOptions {
  std::string app;
  std::string action = "list";
  std::string host;
};

void list(Context& context, const RouteOptions& options) {
  const Home home = context.open_home();
  context.require(Verb::read, home, options.app);
  const AppSettings settings = load_app_settings(home, options.app);
  const RouteSettings& route = settings.route;
  const std::string address = live_address(load_server_settings(home).router, settings);
  if (context.json) {
    context.print_json({{"app", options.app},
                        {"hosts", boost::json::array(route.hosts.begin(), route.hosts.end())},
                        {"port", route.port == 0 ? boost::json::value(nullptr) : boost::json::value(route.port)},
                        {"path", route.path},
                        {"url", address}});
    return;
  }
  context.print(fmt::format("hosts   {}\nport    {}\npath    {}",
                            route.hosts.empty() ? "none" : join(route.hosts, ", "),
                            route.port == 0 ? "none" : std::to_string(route.port), route.path));
}

void change(Context& context, const RouteOptions& options) {
  if (options.host.empty()) {
    throw Error(ErrorKind::usage, "HOST is required: a host name such as shop.example.com");
  }
  Services services = context.open_services();
  context.require(Verb::manage, services.home, options.app);
  Store store(services.home.store(), context.clock());
  const bool adds = options.action == "add";
  const bool changed = change_hosts(services, store, options.app, adds ? HostWish::add : HostWish::remove, options.host,
                                    context.principal());
  if (context.json) {
    context.print_json({{"app", options.app}, {"host", options.host}, {"changed", changed}});
    return;
  }
  context.print(!changed
                    ? fmt::format("'{}' {} '{}' {}", options.host, adds ? "leads to" : "does not lead to", options.app,
                                  adds ? "already" : "anyway")
                    : fmt::format("'{}' {} '{}'", options.host, adds ? "leads to" : "no longer leads to", options.app));
}

} // namespace

void add_route(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("route", "the host names that lead to an app: told to the router at once");
  command->footer("Examples:\n  tealhook route shop add shop.example.com\n  tealhook route shop remove "
                  "shop.example.com\n  tealhook route shop");
  const auto options = std::make_shared<RouteOptions>();
  command->add_option("NAME", options->app, "the app")->required();
  command->add_option("ACTION", options->action, "add, remove or list (default: list)")
      ->check(CLI::IsMember({"add", "remove", "list"}));
  command->add_option("HOST", options->host, "to add or remove");
  command->callback([&context, options] {
    if (options->action == "list") {
      list(context, *options);
    } else {
      change(context, *options);
    }
  });
}

} // namespace teal::tool
