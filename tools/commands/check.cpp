#include "commands/commands.hpp"
#include "config/load.hpp"
#include "process/atomic_file.hpp"
#include "report/json.hpp"
#include "table.hpp"
#include "trigger/source.hpp"
#include "trigger/source_check.hpp"
#include "trigger/trigger_folder.hpp"
#include "upkeep/checkup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <optional>

namespace teal::tool {

namespace {

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

/// Folders that trigger files come into.
std::vector<Finding> check_folders(const Home& home, const std::string& app) {
  std::vector<Finding> findings;
  AppSettings settings;
  try {
    settings = load_app_settings(home, app);
  } catch (const Error&) {
    return findings; // which is a finding already
  }
  for (const SourceSettings& source : settings.sources) {
    if (source.kind != SourceSettings::Kind::file) {
      continue;
    }
    const auto folder = file_of_app(home.app(app), source.folder);
    Finding finding{true, fmt::format("{}: {}", app, source.name),
                    fmt::format("'{}' in '{}' deploys '{}', while 'tealhook serve' runs", source.file, folder.string(),
                                source.branch)};
    try {
      require_trigger_folder(folder);
    } catch (const Error& error) {
      finding = {false, finding.subject, error.message()};
    }
    findings.push_back(std::move(finding));
  }
  return findings;
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

/// All of an app's at once: each may have to wait for another host. Those of settings that are wrong have a finding
/// already.
std::vector<Finding> look_at_sources(const Context& context, const Home& home, const std::string& app) {
  std::optional<AppSettings> settings;
  try {
    settings = load_app_settings(home, app);
  } catch (const Error&) {
    return {};
  }
  std::vector<std::future<Finding>> looks;
  for (const SourceSettings& source : settings->sources) {
    looks.push_back(std::async(std::launch::async, [&context, &home, &app, &settings, &source] {
      Finding finding{.subject = fmt::format("{}: source {}", app, source.name), .text = {}};
      try {
        finding.text = check_source(home.app(app), *settings, source, context.environment());
      } catch (const Error& error) {
        finding.good = false;
        finding.text = error.message();
      }
      return finding;
    }));
  }
  std::vector<Finding> findings;
  findings.reserve(looks.size());
  for (std::future<Finding>& look : looks) {
    findings.push_back(look.get());
  }
  return findings;
}

void check(Context& context, const std::string& only, bool with_settings) {
  Services services = context.open_services();
  if (!only.empty()) {
    context.require(Verb::read, services.home, only);
  }
  const Store store(services.home.store(), context.clock());
  auto findings = check_server(services);
  for (const std::string& app : only.empty() ? list_apps(services.home) : std::vector{only}) {
    append(findings, check_app(services, store, Installation::of_this_program(), app));
    append(findings, look_at_sources(context, services.home, app));
    append(findings, check_folders(services.home, app));
  }
  const auto settings = with_settings ? settings_in_force(services.home, only) : std::vector<SettingValue>();
  if (context.json) {
    boost::json::object answer{{"findings", to_json(findings)}};
    if (with_settings) {
      answer["settings"] = to_json(settings);
    }
    context.print_json(answer);
  } else {
    print_tables(context, findings, settings);
  }
  const bool all_good = std::all_of(findings.begin(), findings.end(), [](const Finding& one) { return one.good; });
  context.exit_code = all_good ? 0 : exit_code(ErrorKind::environment);
}

} // namespace

void add_check(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "check", "check everything that could go wrong, and say what to do; exits 3 if anything is bad");
  command->footer("Examples:\n  tealhook check                   # the server and all apps\n"
                  "  tealhook check shop              # the server and shop, and whether its sources can be read\n"
                  "  tealhook check shop --settings   # and shop's settings, with where each comes from\n"
                  "  tealhook check --json");
  const auto app = std::make_shared<std::string>();
  command->add_option("NAME", *app, "one app only (default: all)");
  const auto settings = std::make_shared<bool>(false);
  command->add_flag("--settings", *settings, "show the settings in force, too: the app's, or the server's");
  command->callback([&context, app, settings] { check(context, *app, *settings); });
}

} // namespace teal::tool
