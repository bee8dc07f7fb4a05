#include "access/caller.hpp"
#include "access/key_request.hpp"
#include "command_line.hpp"
#include "commands/commands.hpp"
#include "core/text.hpp"
#include "process/exec.hpp"
#include "process/files.hpp"
#include "report/json.hpp"
#include "store/permission.hpp"
#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal::tool {

namespace {

constexpr std::size_t k_longest_line = 4096; ///< that anybody has to ask in

/// Who came in, and where to.
struct Visit {
  const Home& home;
  Store& store;
  Principal who;
  std::string line; ///< what they ask for
};

[[noreturn]] void refuse(const Visit& visit, std::string_view verb, const std::string& words) {
  visit.store.actions.add({.app = "",
                           .verb = std::string(verb),
                           .who = visit.who.text(),
                           .at = {},
                           .text = shorten(printable(visit.line), 200),
                           .origin = visit.who.origin,
                           .refused = true});
  throw Error(ErrorKind::usage, words);
}

/// Nothing of what the client may have sent: neither git nor any command of ours heeds it.
Environment environment_of(const Environment& environment, const Visit& visit) {
  Environment kept;
  for (const char* name : {"PATH", "HOME", "USER", "LOGNAME", "SSH_CLIENT"}) { // as sshd sets them, behind the client's
    if (const auto found = environment.find(name); found != environment.end()) {
      kept.emplace(name, found->second);
    }
  }
  kept["TEALHOOK_HOME"] = visit.home.root.string();
  kept["TEALHOOK_KEY"] = visit.who.name;
  return kept;
}

/// Returns where git is to work. One line says no, whether it is not there or not theirs.
std::filesystem::path find_repository(Visit& visit, const GitRequest& request) {
  const Verb verb = request.writes ? Verb::push : Verb::read;
  const std::string words =
      fmt::format("there is no repository '{}' that {} may {}", shorten(printable(request.path), 200), visit.who.text(),
                  request.writes ? "push to" : "fetch from");
  visit.who.origin.door = Trigger::push;
  const auto named = repository_named(visit.home, request.path);
  if (!named) {
    refuse(visit, to_string(verb), words);
  }
  if (!allows(visit.store.actions, visit.who, named->app, verb, visit.line) || !files::exists(named->path)) {
    throw Error(ErrorKind::usage, words);
  }
  return named->path;
}

/// The commands for each verb, as they are shown to those who may.
struct Words {
  Verb verb;
  const char* commands;
};
constexpr std::array k_words{
    Words{Verb::read, "status [APP], history APP, plan APP, queue, event list|show|explain ID, open APP, route APP"},
    Words{Verb::logs, "logs APP|ID [-f] [--program]"},
    Words{Verb::deploy, "deploy APP, restart APP, queue cancel|retry ID, event replay ID"},
    Words{Verb::switch_, "switch APP [COLOR]"},
    Words{Verb::rollback, "rollback APP [RELEASE]"},
    Words{Verb::freeze, "freeze APP -m WHY, unfreeze APP, queue pause|resume APP"},
    Words{Verb::manage, "audit APP, env APP [set|unset], run APP -- CMD, exec APP -- CMD, stop|start APP, scale APP N, "
                        "spawn|destroy APP, "
                        "route APP add|remove HOST"},
};

bool may_anywhere(const Principal& who, Verb verb) {
  return std::any_of(who.grants.begin(), who.grants.end(),
                     [&](const Grant& grant) { return grant.verbs.contains(verb); });
}

void show_rights(const Context& context, const Principal& who, bool as_json) {
  if (as_json) {
    context.print_json({{"name", who.name}, {"grants", to_json(who.grants)}});
    return;
  }
  std::vector<Row> rows;
  for (const Grant& grant : who.grants) {
    rows.push_back({"  " + grant.app, teal::describe(grant.verbs)});
  }
  std::string text = fmt::format("{} may{}", who.text(), rows.empty() ? " nothing" : ", of apps:\n");
  text += rows.empty() ? "" : format_table(std::move(rows));
  if (may_anywhere(who, Verb::push)) {
    text += "\nto push: git remote add blue USER@SERVER:APP/blue   (or green, or live)";
  }
  std::string commands;
  for (const Words& words : k_words) {
    commands += may_anywhere(who, words.verb) ? fmt::format("\n  {}", words.commands) : "";
  }
  context.print(text + (commands.empty() ? "" : "\nto ask: ssh USER@SERVER COMMAND --help, of:" + commands));
}

/// What ssh makes of -m "a b" is two words: the rest of the line is the reason.
void join_reason(CommandWords& words) {
  const auto option = std::find(words.begin(), words.end(), "-m");
  if (words.front() == "freeze" && option != words.end() && option + 1 != words.end()) {
    const auto end = words.back() == "--json" ? words.end() - 1 : words.end();
    const std::string reason = join({option + 1, end}, " ");
    words.erase(option + 1, end);
    words.insert(option + 1, reason);
  }
}

/// By the same code as at the command line. Returns what to exit with.
int run_command(const Visit& visit, Environment environment, CommandWords words) {
  Context context(std::move(environment));
  context.act_as(visit.who);
  const auto root = make_command_line(context);
  const auto known = root->get_subcommands([](const CLI::App*) { return true; });
  const auto named =
      std::find_if(words.begin(), words.end(), [](const std::string& word) { return !word.starts_with('-'); });
  if (named != words.end() &&
      std::none_of(known.begin(), known.end(), [&](const CLI::App* one) { return one->check_name(*named); })) {
    refuse(visit, "command",
           fmt::format("'{}' is nothing that a key can ask for; what can be: ssh USER@SERVER",
                       shorten(printable(*named), 60)));
  }
  join_reason(words);
  words.insert(words.begin(), root->get_name());
  std::vector<char*> pointers;
  std::transform(words.begin(), words.end(), std::back_inserter(pointers),
                 [](std::string& word) { return word.data(); });
  return run_command_line(*root, context, static_cast<int>(pointers.size()), pointers.data());
}

Principal find_key(Store& store, const std::string& name, const Origin& origin) {
  const auto found = store.principals.find(Principal::Kind::ssh_key, name);
  if (!found) {
    store.actions.add({.app = "",
                       .verb = "command",
                       .who = "key:" + printable(name),
                       .at = {},
                       .text = "a key that was removed",
                       .origin = origin,
                       .refused = true});
    throw Error(ErrorKind::usage, fmt::format("there is no key '{}' any more", printable(name)));
  }
  store.principals.note_use(*found);
  Principal who = found->principal;
  who.origin = origin;
  return who;
}

KeyRequest parse_request(const Visit& visit) {
  if (visit.line.size() > k_longest_line) {
    refuse(visit, "command", fmt::format("what was asked for is longer than {} characters", k_longest_line));
  }
  try {
    return parse_key_request(visit.line);
  } catch (const Error& error) {
    refuse(visit, "command", error.message());
  }
}

void serve(Context& context, const std::string& key) {
  const Home home = context.open_home();
  const Environment& given = context.environment();
  const auto asked = given.find("SSH_ORIGINAL_COMMAND");
  std::optional<Store> store(std::in_place, home.store(), context.clock());
  Visit visit{.home = home,
              .store = *store,
              .who = find_key(*store, key, origin_of_caller(given, Trigger::cli)),
              .line = asked == given.end() ? "" : asked->second};
  const Environment environment = environment_of(given, visit);
  KeyRequest request = parse_request(visit);
  if (const auto* git = std::get_if<GitRequest>(&request)) {
    const std::string repository = find_repository(visit, *git);
    store.reset();
    become_program({.arguments = {"git", git->writes ? "receive-pack" : "upload-pack", repository},
                    .directory = home.root,
                    .environment = environment});
  }
  if (auto* words = std::get_if<CommandWords>(&request); words != nullptr && *words != CommandWords{"--json"}) {
    context.exit_code = run_command(visit, environment, std::move(*words));
    return;
  }
  show_rights(context, visit.who, std::holds_alternative<CommandWords>(request));
}

} // namespace

void add_keyed(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("keyed", "serve who came in by a key (called by sshd, see: tealhook key)");
  command->group("");
  const auto key = std::make_shared<std::string>();
  command->add_option("NAME", *key)->required();
  command->callback([&context, key] { serve(context, *key); });
}

} // namespace teal::tool
