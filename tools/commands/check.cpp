#include "commands/commands.hpp"
#include "config/load.hpp"
#include "json.hpp"
#include "process/atomic_file.hpp"
#include "table.hpp"
#include "upkeep/checkup.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace teal::tool {

namespace {

namespace json = boost::json;

void append(std::vector<Finding>& all, std::vector<Finding> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// The server's, or one app's. Those of an app whose file is wrong are not in force: a finding says so.
std::vector<SettingValue> settings_in_force(const Home& home, const std::string& app) {
  const auto file = app.empty() ? home.settings() : home.app(app).settings();
  const SettingsText text{file.string(), read_file(file)};
  try {
    return app.empty() ? describe_server_settings(text) : describe_app_settings(text, std::nullopt);
  } catch (const Error&) {
    return {};
  }
}

void print_json(const Context& context, const std::vector<Finding>& findings,
                const std::vector<SettingValue>& settings) {
  json::array found;
  for (const Finding& finding : findings) {
    found.push_back({{"good", finding.good}, {"subject", to_text(finding.subject)}, {"text", to_text(finding.text)}});
  }
  context.print(json::serialize(json::object{{"findings", std::move(found)}, {"settings", to_json(settings)}}));
}

void print_tables(const Context& context, const std::vector<Finding>& findings,
                  const std::vector<SettingValue>& settings) {
  std::vector<Row> rows;
  rows.reserve(findings.size());
  for (const Finding& finding : findings) {
    rows.push_back({finding.good ? "ok" : "BAD", finding.subject, finding.text});
  }
  context.print(format_table(rows));
  if (!settings.empty()) {
    context.print("\n" + format_table(settings));
  }
}

void check(Context& context, const std::string& only) {
  Services services = context.open_services();
  if (!only.empty()) {
    context.require(Verb::read, services.home, only);
  }
  auto findings = check_server(services);
  for (const std::string& app : only.empty() ? list_apps(services.home) : std::vector{only}) {
    append(findings, check_app(services, Installation::of_this_program(), app));
  }
  (context.json ? print_json : print_tables)(context, findings, settings_in_force(services.home, only));
  const bool all_good = std::all_of(findings.begin(), findings.end(), [](const Finding& one) { return one.good; });
  context.exit_code = all_good ? 0 : exit_code(ErrorKind::environment);
}

} // namespace

void add_check(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "check", "check everything that could go wrong, and say what to do; exits 3 if anything is bad");
  command->footer("Examples:\n  tealhook check             # the server and all apps, and the server's settings\n"
                  "  tealhook check shop        # the server and shop, and shop's settings\n"
                  "  tealhook check --json");
  const auto app = std::make_shared<std::string>();
  command->add_option("NAME", *app, "one app only (default: all)");
  command->callback([&context, app] { check(context, *app); });
}

} // namespace teal::tool
