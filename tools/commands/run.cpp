#include "color_option.hpp"
#include "commands/commands.hpp"
#include "core/text.hpp"
#include "process/exec.hpp"
#include "target/plan.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>

namespace teal::tool {

namespace {

constexpr std::size_t k_quoted_program = 80;

struct RunOptions {
  std::string app;
  std::string color;
  std::string process;
  int replica = 1;
  std::vector<std::string> command;
};

bool has_terminal() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

/// The program alone: its arguments may be secret.
void note(Context& context, Store& store, const RunOptions& options, const char* verb, Color color) {
  const Principal& who = context.principal();
  store.actions.add({.app = options.app,
                     .verb = verb,
                     .who = who.text(),
                     .at = {},
                     .text = fmt::format("'{}' in {}", shorten(printable(options.command.front()), k_quoted_program),
                                         to_string(color)),
                     .origin = who.origin});
}

/// It has our streams, our terminal and our signals, and what it ends with is what we end with.
[[noreturn]] void become(const Context& context, Command command) {
  if (const auto terminal = context.environment().find("TERM"); terminal != context.environment().end()) {
    command.environment["TERM"] = terminal->second;
  }
  become_program(command);
}

void run_once(Context& context, const RunOptions& options) {
  Services services = context.open_services();
  context.require(Verb::manage, services.home, options.app);
  std::optional<Store> store(std::in_place, services.home.store(), context.clock());
  const Color color = chosen_color(services, *store, options.app, options.color);
  const Slot slot = services.slot(options.app, color);
  const auto current = services.target(options.app).current(slot);
  const auto release = current ? store->history.release(current->release) : std::nullopt;
  const auto kept = release ? store->history.release_settings(release->id) : std::nullopt;
  if (!kept) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' has no release on {} to run it in: deploy it first", options.app, to_string(color)));
  }
  const Plan plan = plan_for_release(services.home, options.app, *kept);
  Command command = services.target(options.app)
                        .run_once({.slot = slot,
                                   .release = *release,
                                   .plan = plan,
                                   .command = options.command,
                                   .terminal = has_terminal()});
  note(context, *store, options, "run", color);
  store.reset();
  become(context, std::move(command));
}

void execute(Context& context, const RunOptions& options) {
  Services services = context.open_services();
  context.require(Verb::manage, services.home, options.app);
  std::optional<Store> store(std::in_place, services.home.store(), context.clock());
  const Color color = chosen_color(services, *store, options.app, options.color);
  const Slot web = services.slot(options.app, color);
  const Slot slot = options.process.empty() ? web.of_replica(options.replica) : web.of_process(options.process);
  Command command = services.target(options.app).enter(slot, options.command, has_terminal());
  note(context, *store, options, "exec", color);
  store.reset();
  become(context, std::move(command));
}

void add_common_options(CLI::App& command, RunOptions& options) {
  command.add_option("NAME", options.app, "the app")->required();
  command.add_option("CMD", options.command, "behind '--': the program and its arguments, which no shell reads")
      ->required();
  add_color_option(command, options.color, "what is live, or was deployed last");
}

} // namespace

void add_run(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("run", "run a command once, in a container of its own of what is live");
  command->footer("Examples:\n  tealhook run shop -- bin/migrate --dry-run\n"
                  "  tealhook run shop -- sh                 # with a terminal, where there is one\n"
                  "  tealhook run shop --color green -- cat /version\n\n"
                  "It has the release's image, environment, volumes and networks, and exits with what CMD exits with.");
  const auto options = std::make_shared<RunOptions>();
  add_common_options(*command, *options);
  command->callback([&context, options] { run_once(context, *options); });

  CLI::App* exec_command = root.add_subcommand("exec", "run a command in the container that runs");
  exec_command->footer("Examples:\n  tealhook exec shop -- ps aux\n  tealhook exec shop --process worker -- sh");
  const auto exec_options = std::make_shared<RunOptions>();
  add_common_options(*exec_command, *exec_options);
  exec_command
      ->add_option("--process", exec_options->process,
                   "one of run.processes, or a compose service (default: what answers requests)")
      ->type_name("NAME");
  exec_command->add_option("--replica", exec_options->replica, "of what answers requests (default: 1)")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber)
      ->excludes("--process");
  exec_command->callback([&context, exec_options] { execute(context, *exec_options); });
}

} // namespace teal::tool
