#include "commands/commands.hpp"
#include "config/load.hpp"
#include "deploy/restart.hpp"
#include "process/detached.hpp"
#include "report/json.hpp"
#include "target/address.hpp"

#include <memory>

namespace teal::tool {

namespace {

bool has_display(const Environment& environment) {
  const auto is_set = [&](const char* name) {
    const auto found = environment.find(name);
    return found != environment.end() && !found->second.empty();
  };
  return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
}

/// Where there is a display, and something that shows pages on it.
bool show_page(const Environment& environment, const std::string& address) {
  const auto program = has_display(environment) ? find_program("xdg-open", environment) : std::nullopt;
  if (program) {
    start_detached({.arguments = {program->string(), address}, .environment = environment});
  }
  return program.has_value();
}

void open(Context& context, const std::string& app) {
  Services services = context.open_services();
  context.require(Verb::read, services.home, app);
  Store store(services.home.store(), context.clock());
  const AppSettings settings = load_app_settings(services.home, app);
  std::string address = services.router ? live_address(services.settings.router, settings) : "";
  if (address.empty()) {
    address = public_address(settings, color_in_use(services, store, app), services.published_host());
  }
  const bool opened = show_page(context.environment(), address);
  if (context.json) {
    context.print_json({{"app", app}, {"url", address}, {"opened", opened}});
  } else {
    context.print(address);
  }
}

} // namespace

void add_open(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("open", "print where an app is reached, and open it where there is a display");
  command->footer("Examples:\n  tealhook open shop\n  curl -s \"$(tealhook open shop)\"");
  const auto app = std::make_shared<std::string>();
  command->add_option("NAME", *app, "the app")->required();
  command->callback([&context, app] { open(context, *app); });
}

} // namespace teal::tool
