#include "command_line.hpp"

#include "commands/commands.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "help.hpp"
#include "old_observer.hpp"
#include "report/json.hpp"
#include "usage.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <string_view>

namespace teal::tool {

namespace {

constexpr const char* k_description =
    "tealhook: git push to a blue or green remote, and the app is built, kept in a private registry, run\n"
    "on that color's port and proven healthy.";
constexpr const char* k_footer = R"(Examples:
  tealhook setup                       # a server in five lines
  tealhook registry up
  tealhook app create shop
  git remote add blue SERVER:/srv/tealhook/apps/shop/blue.git      # where you work
  git push blue main

Exit codes:
  0 done   1 a deployment failed   2 wrong usage or settings   4 busy   130 interrupted
  3 the environment failed: engine, registry, disk, network)";

} // namespace

namespace {

struct Entry {
  void (*add)(CLI::App&, Context&);
  bool for_keys; ///< each of its ways asks whether a key may
};

constexpr Entry k_entries[] = {
    {add_setup, false}, {add_app, false},   {add_hook, false},    {add_registry, false}, {add_router, false},
    {add_check, false}, {add_deploy, true}, {add_plan, true},     {add_switch, true},    {add_rollback, true},
    {add_queue, true},  {add_freeze, true}, {add_recover, false}, {add_status, true},    {add_history, true},
    {add_logs, true},   {add_serve, false}, {add_observe, false}, {add_key, false},      {add_token, false},
    {add_audit, true},  {add_event, true},  {add_poll, false},    {add_receive, false},  {add_restart, true},
    {add_scale, true},  {add_stop, true},   {add_run, true},      {add_env, true},       {add_route, true},
    {add_open, true},   {add_keyed, false}, {add_runner, false},
};

} // namespace

std::unique_ptr<CLI::App> make_command_line(Context& context) {
  auto root = std::make_unique<CLI::App>(k_description, "tealhook");
  root->formatter(std::make_shared<Help>());
  root->footer(k_footer);
  root->require_subcommand(1);
  root->fallthrough(); // --home and --json may stand behind the command
  root->set_help_flag("-h,--help", "show this help");
  if (!context.is_keyed()) { // whose home is that of the key
    root->set_version_flag("--version", std::string("tealhook ") + TEAL_VERSION, "show the version");
    root->add_option("--home", context.home_option, "the home's folder (else $TEALHOOK_HOME, else /srv/tealhook)")
        ->type_name("DIR");
  }
  root->add_flag("--json", context.json, "answer in JSON, also where it fails: {\"error\": ...}");
  for (const Entry& entry : k_entries) {
    if (entry.for_keys || !context.is_keyed()) {
      entry.add(*root, context);
    }
  }
  return root;
}

namespace {

/// Whether JSON is asked for, also where the rest of the words cannot be understood. What is behind "--" is not ours.
bool asks_for_json(int argc, char** argv) {
  const auto is = [](std::string_view option) { return [option](const char* word) { return option == word; }; };
  return std::any_of(argv, std::find_if(argv, argv + argc, is("--")), is("--json"));
}

/// To people on standard error, and to programs on standard output.
int fail(const Error& error, const std::string& words, bool json) {
  std::cerr << printable(words, true);
  if (json) {
    std::cout << boost::json::serialize(failure(error)) << '\n';
  }
  return exit_code(error.kind());
}

} // namespace

int run_command_line(CLI::App& root, const Context& context, int argc, char** argv) {
  const bool json = asks_for_json(argc, argv);
  try {
    std::vector<std::string> words = plain_words(argc, argv);
    std::reverse(words.begin(), words.end()); // as CLI11 takes them
    root.parse(std::move(words));
    return context.exit_code;
  } catch (const CLI::Success& answer) { // --help and --version
    return root.exit(answer);
  } catch (const CLI::ParseError& error) {
    const std::string words = explain(root, error);
    return fail(Error(ErrorKind::usage, what_is_wrong(root, error)), words, json);
  } catch (const Error& error) {
    return fail(error, context.with_home(fmt::format("error: {}\n", error.what())), json);
  } catch (const std::exception& error) {
    return fail(Error(ErrorKind::internal, error.what()), fmt::format("error: {}\n", error.what()), json);
  }
}

} // namespace teal::tool
