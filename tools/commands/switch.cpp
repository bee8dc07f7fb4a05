#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "traffic/shift.hpp"

#include <fmt/format.h>

#include <csignal>

namespace teal::tool {

namespace {

volatile std::sig_atomic_t s_called_off = 0; ///< by a signal: a gradual switch goes back

struct SwitchOptions {
  std::string app;
  std::string color;
  std::string to;
  std::string every = "30s";
  std::string max_errors;
  bool force = false;
};

std::vector<unsigned> parse_percentages(const std::string& text) {
  std::vector<unsigned> percentages;
  for (const std::string& part : split(text, ',')) {
    const std::string_view number = trim(part);
    const auto value = parse_integer(number.ends_with('%') ? number.substr(0, number.size() - 1) : number);
    const bool rises = value && *value > 0 && *value <= 100 &&
                       (percentages.empty() || *value > static_cast<std::int64_t>(percentages.back()));
    if (!rises) {
      throw Error(ErrorKind::usage, fmt::format("--to '{}': give rising percentages such as 10%,50%,100%", text));
    }
    percentages.push_back(static_cast<unsigned>(*value));
  }
  return percentages;
}

std::optional<double> parse_max_errors(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const std::string number = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  try {
    std::size_t used = 0;
    const double value = std::stod(number, &used);
    if (used == number.size() && value >= 0 && value <= 100) {
      return value;
    }
  } catch (const std::exception&) { // what std::stod makes of no number
  }
  throw Error(ErrorKind::usage, fmt::format("--max-errors '{}': give a percentage such as 1%", text));
}

Stages stages_of(const SwitchOptions& options) {
  const auto every = parse_duration(parse_integer(options.every) ? options.every + "s" : options.every);
  if (!every) {
    throw Error(ErrorKind::usage, fmt::format("--every '{}': give a duration such as 30s", options.every));
  }
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::signal(signal, [](int /*signal*/) { s_called_off = 1; });
  }
  return {.percent = parse_percentages(options.to),
          .every = *every,
          .max_errors = parse_max_errors(options.max_errors),
          .is_called_off = [] { return s_called_off != 0; }};
}

void tell(const Context& context, const SwitchResult& result) {
  if (context.json) {
    context.print_json(to_json(result));
    return;
  }
  const std::string what = fmt::format("{} ({})", to_string(result.to), short_commit(result.commit));
  const std::string where = result.address.empty() ? "" : "   " + result.address;
  if (!result.called_off.empty()) {
    context.print(fmt::format("{}, is called off", result.called_off));
  }
  if (!result.went_back.empty()) {
    context.print(fmt::format("FAILED   {}; all live traffic {} {}", result.went_back,
                              result.from == result.to ? "is back on" : "goes to", what));
  } else if (result.from == result.to && !result.called_off.empty()) {
    context.print(fmt::format("all live traffic is back on {}{}", what, where));
  } else if (result.from == result.to) {
    context.print(fmt::format("live traffic goes to {} already{}", what, where));
  } else {
    context.print(fmt::format("live traffic goes to {}, {}{}", what,
                              result.from ? fmt::format("and no longer to {}", to_string(*result.from)) : "the first",
                              where));
  }
}

void move_traffic(Context& context, const SwitchOptions& options) {
  Services services = context.open_services();
  context.require(Verb::switch_, services.home, options.app);
  Store store(services.home.store(), context.clock());
  const SwitchRequest request{.app = options.app,
                              .color = options.color.empty() ? std::nullopt : parse_color(options.color),
                              .who = context.principal().text(),
                              .force = options.force,
                              .origin = context.principal().origin};
  Output output = context.output();
  const auto tell_line = [&](const std::string& line) { output.write(line + "\n"); };
  const SwitchResult result = options.to.empty()
                                  ? switch_traffic(services, store, request, tell_line)
                                  : shift_traffic(services, store, request, stages_of(options), tell_line);
  tell(context, result);
  context.exit_code = result.went_back.empty() ? 0 : 1;
}

} // namespace

void add_switch(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("switch", "move live traffic to the other color, at once or step by step");
  command->footer("Examples:\n  tealhook switch shop                  # to the color that is idle\n"
                  "  tealhook switch shop green\n"
                  "  tealhook switch shop green --to 10%,50%,100% --every 30s --max-errors 1%");
  const auto options = std::make_shared<SwitchOptions>();
  command->add_option("NAME", options->app, "the app")->required();
  command->add_option("COLOR", options->color, "blue or green (default: the idle one)")
      ->check(CLI::IsMember({"blue", "green"}));
  command->add_option("--to", options->to, "step by step: percentages of live traffic, such as 10%,50%,100%; 50 is 50%")
      ->type_name("PERCENTAGES");
  command->add_option("--every", options->every, "how long each step is watched; 5 is 5s")
      ->type_name("DURATION")
      ->capture_default_str();
  command
      ->add_option("--max-errors", options->max_errors,
                   "go back if more than so many percent of the new color's requests fail in a step")
      ->type_name("PERCENTAGE");
  command->add_flag("--force", options->force, "even if the color is not healthy");
  command->callback([&context, options] { move_traffic(context, *options); });
}

} // namespace teal::tool
