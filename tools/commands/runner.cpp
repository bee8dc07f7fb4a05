#include "deploy/runner.hpp"

#include "commands/commands.hpp"

namespace teal::tool {

void add_runner(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("runner", "work an app's queue (started by tealhook itself)");
  command->group("");
  const auto app = std::make_shared<std::string>();
  command->add_option("NAME", *app)->required();
  command->callback([&context, app] {
    const Home home = context.open_home();
    Store store(home.store(), context.clock());
    Runner(home, context.environment(), store).drain(*app);
  });
}

} // namespace teal::tool
