#include "deploy/rollback.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "report/json.hpp"

#include <fmt/format.h>

namespace teal::tool {

namespace {

struct RollbackOptions {
  std::string app;
  std::string release;
  std::string target;
  bool detach = false;
};

void answer(const Context& context, const Release& release, RollbackWay way, const std::string& words) {
  if (context.json) {
    context.print_json(to_json(release, way));
  } else {
    context.print(words);
  }
}

void go_back(Context& context, const RollbackOptions& options) {
  Services services = context.open_services();
  context.require(Verb::rollback, services.home, options.app);
  Store store(services.home.store(), context.clock());
  const Release release = find_rollback(services, store, {options.app, options.release, options.target});
  const std::string what =
      fmt::format("release {} ({} \"{}\")", release.id, short_commit(release.commit), release.subject);
  Output output = context.output();
  const Workplace place = context.workplace(services.home, store);
  const auto gone = teal::go_back(services, place, release, context.principal(),
                                  [&](const std::string& line) { output.write(line + "\n"); });
  if (std::holds_alternative<AlreadyThere>(gone)) {
    answer(context, release, RollbackWay::nothing, what + " runs already");
  } else if (const auto* result = std::get_if<SwitchResult>(&gone)) {
    answer(context, release, RollbackWay::traffic,
           fmt::format("{}live traffic is back on {}, {}",
                       result->called_off.empty() ? "" : result->called_off + ", is called off\n",
                       to_string(result->to), what));
  } else {
    const auto& submission = std::get<Submission>(gone);
    context.exit_code = present(place, submission, output, options.detach);
    if (context.json) {
      context.print_json(to_json(store.history.deployment(submission.deployment.id).value()));
    }
  }
}

} // namespace

void add_rollback(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("rollback", "go back to an earlier release, without building it again");
  command->footer("Examples:\n  tealhook rollback shop            # to what was live before\n"
                  "  tealhook rollback shop 17         # to a release by its number, see: tealhook history shop\n"
                  "  tealhook rollback shop 1a2b3c4    # or by its commit\n"
                  "  tealhook rollback shop --target heroku      # to what that ran before");
  const auto options = std::make_shared<RollbackOptions>();
  command->add_option("NAME", options->app, "the app")->required();
  command->add_option("RELEASE", options->release, "its number or commit (default: what was live before)");
  command->add_option("--target", options->target, "of one of the app's targets, by its name (default: of the colors)")
      ->type_name("NAME");
  command->add_flag("--detach", options->detach, "do not wait for the outcome, where it has to be started again");
  command->callback([&context, options] { go_back(context, *options); });
}

} // namespace teal::tool
