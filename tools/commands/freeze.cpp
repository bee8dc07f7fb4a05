#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "process/user.hpp"
#include "report/json.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

struct Options {
  std::string app;
  std::string why;
};

void freeze(Context& context, const Options& options) {
  const Home home = context.open_home();
  require_app(home, options.app);
  const std::string why = printable(std::string(trim(options.why)));
  if (why.empty()) {
    throw Error(ErrorKind::usage, "say why, for those who will read it: -m WHY");
  }
  Store store(home.store(), context.clock());
  const int held = store.traffic.set_freeze({.app = options.app, .who = user_name(), .why = why, .at = {}});
  if (context.json) {
    context.print(boost::json::serialize(boost::json::value{
        {"app", options.app}, {"frozen", true}, {"who", to_text(user_name())}, {"why", to_text(why)}, {"held", held}}));
  } else {
    context.print(fmt::format("'{}' is frozen: pushes are kept, but not deployed, until: tealhook unfreeze {}",
                              options.app, options.app));
    if (held > 0) {
      context.print(fmt::format("{} deployment{} that waited will not run", held, held == 1 ? "" : "s"));
    }
  }
}

void unfreeze(Context& context, const std::string& app) {
  const Home home = context.open_home();
  require_app(home, app);
  const bool was_frozen = Store(home.store(), context.clock()).traffic.remove_freeze(app, user_name());
  if (context.json) {
    context.print_json({{"app", app}, {"frozen", false}, {"was_frozen", was_frozen}});
  } else {
    context.print(was_frozen ? fmt::format("'{}' deploys again what is pushed", app)
                             : fmt::format("'{}' was not frozen", app));
  }
}

} // namespace

void add_freeze(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("freeze", "deploy nothing of an app for a while; rollback and switch still work");
  command->footer("Examples:\n  tealhook freeze shop -m 'stocktaking until Monday'");
  const auto options = std::make_shared<Options>();
  command->add_option("NAME", options->app, "the app")->required();
  command->add_option("-m", options->why, "why, for those who push meanwhile")->type_name("WHY")->required();
  command->callback([&context, options] { freeze(context, *options); });

  CLI::App* end = root.add_subcommand("unfreeze", "deploy again what is pushed");
  end->footer("Examples:\n  tealhook unfreeze shop");
  const auto app = std::make_shared<std::string>();
  end->add_option("NAME", *app, "the app")->required();
  end->callback([&context, app] { unfreeze(context, *app); });
}

} // namespace teal::tool
