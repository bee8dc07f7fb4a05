#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "program_log.hpp"
#include "report/json.hpp"
#include "request/follower.hpp"
#include "request/presenter.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <iostream>

namespace teal::tool {

namespace {

constexpr std::size_t k_longest_log = std::size_t{64} << 20U;

/// The deployment that `which` means: its id, or an app's latest.
Deployment find_deployment(Context& context, const Home& home, Store& store, const std::string& which) {
  if (const auto id = parse_integer(which)) {
    return context.require_deployment(Verb::logs, store, *id);
  }
  context.require(Verb::logs, home, which);
  if (auto deployment = store.history.latest(which)) {
    return std::move(*deployment);
  }
  throw Error(ErrorKind::usage, fmt::format("'{}' was never deployed", which));
}

/// With what the store alone knows: which deployment superseded it, or that it did not begin yet.
std::string read_log(const Home& home, const Store& store, const Deployment& deployment) {
  const auto file = home.app(deployment.event.app).log(deployment.id);
  std::string log = files::exists(file) ? read_file(file, k_longest_log) : "";
  if (deployment.status == Status::superseded) {
    log += deployment.outcome + "\n";
  } else if (log.empty()) {
    log = fmt::format("deployment {} is {}, and has no log yet\n", deployment.id, to_string(deployment.status));
  }
  if (const auto retry = store.history.retry_of(deployment)) {
    log += retry->status == Status::queued ? describe_retry(*retry)
                                           : fmt::format("deployment {} tried it again\n", retry->id);
  }
  return log;
}

void print_json(const Context& context, const Deployment& deployment, const std::string& log) {
  boost::json::object shown = to_json(deployment);
  shown["log"] = to_text(log);
  context.print(boost::json::serialize(shown));
}

void show_log(Context& context, const std::string& which, bool follow) {
  const Home home = context.open_home();
  Store store(home.store(), context.clock());
  const Deployment deployment = find_deployment(context, home, store, which);
  Output output = context.output();
  if (follow && !is_final(deployment.status)) {
    context.exit_code = present(context.workplace(home, store), deployment.id, output);
    if (context.json) {
      print_json(context, store.history.deployment(deployment.id).value_or(deployment),
                 read_log(home, store, deployment));
    }
    return;
  }
  const std::string log = read_log(home, store, deployment);
  if (context.json) {
    print_json(context, deployment, log);
    return;
  }
  for (const std::string& line : split(trim(log), '\n')) {
    output.write((output.shows_colors() ? colored(line) : line) + "\n");
  }
}

std::optional<Milliseconds> parse_since(const std::string& text) {
  const auto duration = parse_duration(text);
  if (!text.empty() && !duration) {
    throw Error(ErrorKind::usage, fmt::format("--since '{}': give a duration such as 10m or 1h", printable(text)));
  }
  return duration;
}

} // namespace

void add_logs(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("logs", "show a deployment's log, or what the program prints");
  command->footer("Examples:\n  tealhook logs shop                    # the latest deployment of shop\n"
                  "  tealhook logs 42 -f                   # follow deployment 42\n"
                  "  tealhook logs shop --program -f       # what runs, from deployment to deployment\n"
                  "  tealhook logs shop --program --process worker --since 1h");
  const auto which = std::make_shared<std::string>();
  const auto follow = std::make_shared<bool>(false);
  command->add_option("WHICH", *which, "an app's name, or a deployment's number")->required();
  command->add_flag("-f,--follow", *follow,
                    "go on until the deployment has ended; exits 1 if it failed. Of a program: until Ctrl-C");
  const auto program = std::make_shared<ProgramLogOptions>();
  const auto is_of_program = std::make_shared<bool>(false);
  const auto since = std::make_shared<std::string>();
  auto* flag = command->add_flag("--program", *is_of_program, "what the program prints, and no deployment");
  command
      ->add_option("--process", program->process,
                   "one of run.processes, or a compose service (default: what answers requests)")
      ->type_name("NAME")
      ->needs(flag);
  command->add_option("--replica", program->replica, "of what answers requests (default: 1)")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber)
      ->needs(flag)
      ->excludes("--process");
  command->add_option("--since", *since, "no older than so long, such as 1h")->type_name("DURATION")->needs(flag);
  command->add_option("-n,--lines", program->lines, "the last ones (default, without --since: 100)")
      ->type_name("NUMBER")
      ->check(CLI::Range(0, 1'000'000))
      ->needs(flag);
  command->add_option("--color", program->color, "blue or green (default: what is live, or was deployed last)")
      ->type_name("COLOR")
      ->check(CLI::IsMember({"blue", "green"}))
      ->needs(flag);
  command->callback([&context, which, follow, program, is_of_program, since] {
    if (!*is_of_program) {
      show_log(context, *which, *follow);
      return;
    }
    program->app = *which;
    program->follow = *follow;
    program->since = parse_since(*since);
    show_program_log(context, *program);
  });
}

} // namespace teal::tool
