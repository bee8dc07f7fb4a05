#include "command_line.hpp"
#include "core/text.hpp"
#include "help.hpp"
#include "request/advice.hpp"
#include "support/catch.hpp"
#include "usage.hpp"

#include <algorithm>
#include <functional>

using namespace teal;
using namespace teal::tool;

namespace {

/// What a command line that cannot be parsed is answered.
std::string answer_to(const std::string& words) {
  Context context({});
  const auto root = make_command_line(context);
  try {
    root->parse(words);
  } catch (const CLI::ParseError& error) {
    return explain(*root, error);
  }
  return "";
}

void for_each_command(CLI::App& command, const std::function<void(CLI::App&)>& look) {
  look(command);
  for (CLI::App* subcommand : command.get_subcommands([](CLI::App* one) { return !one->get_group().empty(); })) {
    for_each_command(*subcommand, look);
  }
}

} // namespace

TEST_CASE("every command has help with a sentence, its usage and examples, in lines that fit") {
  Context context({});
  const auto root = make_command_line(context);
  int commands = 0;
  for_each_command(*root, [&](CLI::App& command) {
    ++commands;
    const std::string help = command.help();
    INFO(help);
    CHECK_THAT(help, ContainsSubstring("\nUsage: ") && ContainsSubstring("\nExamples:\n  tealhook "));
    CHECK_THAT(help, ContainsSubstring("--json") && ContainsSubstring("--home DIR"));
    CHECK_FALSE(command.get_description().empty());
    for (const std::string& line : split(help, '\n')) {
      CHECK(line.size() <= 100);
    }
    for (const CLI::Option* option : command.get_options()) {
      INFO(option->get_name());
      CHECK_FALSE(option->get_description().empty());
    }
  });
  CHECK(commands >= 18);
}

TEST_CASE("help names the arguments of a command, and whether they may be left out") {
  Context context({});
  const auto root = make_command_line(context);
  CHECK_THAT(root->get_subcommand("status")->help("tealhook"),
             ContainsSubstring("Usage: tealhook status [NAME] [options]"));
  CHECK_THAT(root->get_subcommand("history")->help("tealhook"),
             ContainsSubstring("Usage: tealhook history NAME [options]"));
  CHECK_THAT(root->get_subcommand("app")->help("tealhook"), ContainsSubstring("Usage: tealhook app COMMAND [options]"));
}

TEST_CASE("the commands that messages advise are those that there are") {
  Context context({});
  const auto root = make_command_line(context);
  std::vector<std::string> names;
  for (const CLI::App* command : visible_subcommands(*root)) {
    names.push_back(command->get_name());
  }
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>(k_commands.begin(), k_commands.end()));
}

TEST_CASE("what tealhook starts itself is not shown") {
  Context context({});
  const std::string help = make_command_line(context)->help();
  CHECK_THAT(help, !ContainsSubstring("\n  runner ") && !ContainsSubstring("\n  keyed "));
  CHECK_THAT(help, ContainsSubstring("\n  serve "));
}

TEST_CASE("no command at all, or half of one, is answered with help") {
  CHECK_THAT(answer_to(""), ContainsSubstring("Usage: tealhook COMMAND"));
  CHECK_THAT(answer_to("app"), ContainsSubstring("Usage: tealhook app COMMAND"));
  CHECK_THAT(answer_to("--json registry"), ContainsSubstring("Usage: tealhook registry COMMAND"));
}

TEST_CASE("a misspelt command or option is answered with what was meant") {
  CHECK(answer_to("stauts") == "error: unknown command 'stauts' (did you mean 'status'?)\nsee: tealhook --help\n");
  CHECK(answer_to("app craete shop") ==
        "error: unknown command 'craete' (did you mean 'create'?)\nsee: tealhook app --help\n");
  CHECK(answer_to("deploy shop --colour=blue") ==
        "error: unknown option '--colour' (did you mean '--color'?)\nsee: tealhook deploy --help\n");
  CHECK(answer_to("status --jsno") ==
        "error: unknown option '--jsno' (did you mean '--json'?)\nsee: tealhook status --help\n");
}

TEST_CASE("what is like nothing known is said without a guess, and cannot drive a terminal") {
  CHECK(answer_to("frobnicate\x1b[31m") == "error: unknown command 'frobnicate?[31m'\nsee: tealhook --help\n");
  CHECK(answer_to("app list extra") == "error: unexpected argument 'extra'\nsee: tealhook app list --help\n");
}

TEST_CASE("a missing or bad value is said with the command's own help") {
  CHECK(answer_to("history") == "error: NAME is required\nsee: tealhook history --help\n");
  for (const char* words : {"app create shop --blue-port 0", "app create shop --blue-port 65536",
                            "app create shop --blue-port many", "deploy shop --color Red", "history shop -n 0",
                            "setup --registry-auth basic", "hook install repo --app shop"}) {
    INFO(words);
    CHECK(answer_to(words).starts_with("error: "));
    CHECK_THAT(answer_to(words), ContainsSubstring("\nsee: tealhook "));
  }
}

TEST_CASE("what cannot be understood has a line without the way to read more") {
  Context context({});
  const auto root = make_command_line(context);
  try {
    root->parse("history --json");
    FAIL("a missing argument was not missed");
  } catch (const CLI::ParseError& error) {
    CHECK(what_is_wrong(*root, error) == "NAME is required");
  }
}

TEST_CASE("who came in by a key has the commands that ask for permission, and no other home") {
  Context context({});
  context.act_as({.kind = Principal::Kind::ssh_key, .name = "anna", .grants = {}});
  const auto root = make_command_line(context);
  std::vector<std::string> names;
  for (const CLI::App* command : root->get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  CHECK(names == std::vector<std::string>{"deploy",   "plan",   "switch",  "rollback", "queue", "freeze",
                                          "unfreeze", "status", "history", "logs",     "audit", "event",
                                          "restart",  "scale",  "spawn",   "destroy",  "stop",  "start",
                                          "run",      "exec",   "env",     "route",    "open"});
  for_each_command(*root, [](CLI::App& command) { CHECK(command.help().find("--home") == std::string::npos); });
  for (const char* words : {"status --home /srv/other", "--home=/srv/other status", "setup", "key list", "keyed ben",
                            "runner shop", "--version"}) {
    INFO(words);
    CHECK_THROWS_AS(root->parse(words), CLI::ParseError);
  }
}

TEST_CASE("what is behind two dashes is the command's that is run, whatever it looks like") {
  Context context({});
  const auto root = make_command_line(context);
  CLI::App* run = root->get_subcommand("run");
  std::vector<std::string> words{"--help", "--color", "status",       "-c",  "run",
                                 "--",     "shop",    "--color=blue", "run", "--home=/nonexistent"};
  CHECK_THROWS_AS(root->parse(words), Error); // the last word first; there is no such home
  CHECK(run->get_option("NAME")->as<std::string>() == "shop");
  CHECK(run->get_option("--color")->as<std::string>() == "blue");
  CHECK(run->get_option("CMD")->as<std::vector<std::string>>() ==
        std::vector<std::string>{"run", "-c", "status", "--color", "--help"});
  CHECK_THAT(answer_to("run shop"), ContainsSubstring("CMD is required"));
  CHECK_THAT(answer_to("logs shop --since 1h"), ContainsSubstring("--program"));
}
