#include "commands/commands.hpp"
#include "config/load.hpp"
#include "deploy/checkup.hpp"
#include "process/atomic_file.hpp"
#include "table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace teal::tool {

namespace {

namespace json = boost::json;

void append(std::vector<Finding>& all, std::vector<Finding> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<SettingValue> settings_in_force(const Home& home) {
  return describe_server_settings({home.settings().string(), read_file(home.settings())});
}

void print_json(const Context& context, const std::vector<Finding>& findings,
                const std::vector<SettingValue>& settings) {
  json::array found;
  for (const Finding& finding : findings) {
    found.push_back({{"good", finding.good}, {"subject", finding.subject}, {"text", finding.text}});
  }
  json::array values;
  for (const SettingValue& value : settings) {
    values.push_back({{"key", value.key}, {"value", value.value}, {"origin", value.origin}});
  }
  context.print(json::serialize(json::object{{"findings", std::move(found)}, {"settings", std::move(values)}}));
}

void print_tables(const Context& context, const std::vector<Finding>& findings,
                  const std::vector<SettingValue>& settings) {
  std::vector<Row> rows;
  for (const Finding& finding : findings) {
    rows.push_back({finding.good ? "ok" : "BAD", finding.subject, finding.text});
  }
  context.print(format_table(rows));
  rows = {{"KEY", "VALUE", "FROM"}};
  for (const SettingValue& value : settings) {
    rows.push_back({value.key, value.value, value.origin});
  }
  context.print("");
  context.print(format_table(rows));
}

void check(Context& context, const std::string& only) {
  Services services(context.open_home(), context.environment());
  if (!only.empty()) {
    require_app(services.home, only);
  }
  auto findings = check_server(services);
  for (const std::string& app : only.empty() ? list_apps(services.home) : std::vector{only}) {
    append(findings, check_app(services, Installation::of_this_program(), app));
  }
  (context.json ? print_json : print_tables)(context, findings, settings_in_force(services.home));
  const bool all_good = std::all_of(findings.begin(), findings.end(), [](const Finding& one) { return one.good; });
  context.exit_code = all_good ? 0 : exit_code(ErrorKind::environment);
}

} // namespace

void add_check(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "check", "check everything that could go wrong, and say what to do; exits 3 if anything is bad");
  command->footer("Examples:\n  tealhook check\n  tealhook check shop --json");
  const auto app = std::make_shared<std::string>();
  command->add_option("NAME", *app, "one app only (default: all)");
  command->callback([&context, app] { check(context, *app); });
}

} // namespace teal::tool
