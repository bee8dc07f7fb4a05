#include "commands/commands.hpp"
#include "core/text.hpp"
#include "report/json.hpp"

#include <fmt/format.h>

#include <iostream>
#include <thread>
#include <utility>

namespace teal::tool {

namespace {

using engine::RegistryStatus;

constexpr Milliseconds k_look_pause{1000};

void show(Context& context, const RegistryStatus& status) {
  if (context.json) {
    context.print_json(to_json(status));
    return;
  }
  if (!status.answers) {
    context.print(fmt::format("no registry answers at {}; start one: tealhook registry up", status.address));
    return;
  }
  context.print(fmt::format("the registry answers at {}: {}\n{} image tag{} in {} repositor{}, {} on disk",
                            status.address, status.detail, status.images, status.images == 1 ? "" : "s",
                            status.repositories, status.repositories == 1 ? "y" : "ies", format_size(status.disk)));
}

/// Until it is taken down. Who takes it down ends it first and says so after that, so it may once not answer.
void stay(engine::RegistryServer& server, engine::RegistryClient& registry) {
  bool answered = true;
  while (server.is_wanted()) {
    try {
      registry.ping();
      answered = true;
    } catch (const Error&) {
      if (!std::exchange(answered, false)) {
        throw;
      }
    }
    std::this_thread::sleep_for(k_look_pause);
  }
}

void start(Context& context, bool foreground) {
  Services services = context.open_services();
  engine::RegistryServer server = services.registry_server();
  show(context, server.up());
  std::cout.flush(); // a service manager's journal shows what was found when it began
  if (foreground) {
    stay(server, services.registry);
  }
}

void stop(Context& context) {
  Services services = context.open_services();
  const bool stopped = services.registry_server().down();
  if (context.json) {
    context.print_json({{"stopped", stopped}});
    return;
  }
  context.print(stopped ? "the registry is stopped; its images are kept" : "no registry of this home was running");
}

void look(Context& context) {
  Services services = context.open_services();
  const RegistryStatus status = services.registry_server().status();
  show(context, status);
  context.exit_code = status.answers ? 0 : exit_code(ErrorKind::environment);
}

} // namespace

void add_registry(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("registry", "run the private registry that keeps the images");
  group->require_subcommand(1);
  group->footer("Examples:\n  tealhook registry up\n  tealhook registry status --json");
  CLI::App* up = group->add_subcommand("up", "start it; fine if it runs already");
  up->footer("Examples:\n  tealhook registry up");
  const auto foreground = std::make_shared<bool>(false);
  up->add_flag("--foreground", *foreground,
               "stay until it is taken down, for a service manager; exits 3 if it does not answer");
  up->callback([&context, foreground] { start(context, *foreground); });
  CLI::App* down = group->add_subcommand("down", "stop it; its images stay on disk");
  down->footer("Examples:\n  tealhook registry down");
  down->callback([&context] { stop(context); });
  CLI::App* status =
      group->add_subcommand("status", "show what answers, where, and how much it holds; exits 3 if nothing answers");
  status->footer("Examples:\n  tealhook registry status\n  tealhook registry status --json");
  status->callback([&context] { look(context); });
}

} // namespace teal::tool
