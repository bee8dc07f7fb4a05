/// @file
/// tealhook: the command line.
#include "commands/commands.hpp"
#include "core/error.hpp"

#include <csignal>
#include <iostream>

namespace {

using namespace teal;

constexpr const char* k_description =
    "tealhook: git push to a blue or green remote, and the app is built, kept in a private "
    "registry, run on that color's port and proven healthy.";
constexpr const char* k_footer = R"(
A server in five lines:
  tealhook setup
  tealhook registry up
  tealhook app create shop
  git remote add blue SERVER:/srv/tealhook/apps/shop/blue.git      # where you work
  git push blue main

Exit codes: 0 done, 1 a deployment failed, 2 wrong usage or settings, 3 the environment failed (engine, registry, disk,
network), 4 busy, 130 interrupted.)";

void add_commands(CLI::App& root, tool::Context& context) {
  root.add_option("--home", context.home_option, "the home's folder (else $TEALHOOK_HOME, else /srv/tealhook)");
  root.add_flag("--json", context.json, "answer in JSON, where a command shows something");
  root.set_version_flag("--version", std::string("tealhook ") + TEAL_VERSION);
  for (const auto add : {tool::add_setup, tool::add_app, tool::add_hook, tool::add_registry, tool::add_check,
                         tool::add_deploy, tool::add_status, tool::add_history, tool::add_logs, tool::add_runner}) {
    add(root, context);
  }
}

int run(CLI::App& root, const tool::Context& context, int argc, char** argv) {
  try {
    root.parse(argc, argv);
    return context.exit_code;
  } catch (const CLI::ParseError& error) {
    return root.exit(error) == 0 ? 0 : exit_code(ErrorKind::usage);
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return exit_code(error.kind());
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return exit_code(ErrorKind::internal);
  }
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  tool::Context context(clean_environment());
  CLI::App root(k_description, "tealhook");
  root.footer(k_footer);
  root.require_subcommand(1);
  root.fallthrough();
  add_commands(root, context);
  return run(root, context, argc, argv);
}
