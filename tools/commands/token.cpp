#include "access/token.hpp"

#include "commands/commands.hpp"
#include "core/text.hpp"
#include "credentials.hpp"
#include "report/json.hpp"

#include <fmt/format.h>

namespace teal::tool {

namespace {

namespace json = boost::json;

constexpr auto k_kind = Principal::Kind::api_token;

void tell_changed(const Context& context, const Credential& token, bool changed) {
  if (context.json) {
    json::object shown = to_json(token);
    shown["made"] = false;
    shown["changed"] = changed;
    context.print_json(shown);
    return;
  }
  context.print(fmt::format("token '{}' is there already, with its secret as it was; it may{}: {}\nfor a new secret, "
                            "first: tealhook token remove {}",
                            token.principal.name, changed ? " now" : "", describe(token.principal.grants),
                            token.principal.name));
}

void add(Context& context, const GrantOptions& options) {
  const Home home = context.open_home();
  Store store = context.open_store(home);
  const Principal principal{.kind = k_kind, .name = options.name, .grants = grants_of(home, options)};
  if (store.principals.find(k_kind, options.name)) {
    const bool changed = store.principals.set_grants(principal, context.principal());
    tell_changed(context, store.principals.find(k_kind, options.name).value(), changed);
    return;
  }
  const std::string secret = make_token();
  store.principals.add({.principal = principal, .proof = hash_of_token(secret)}, context.principal());
  if (context.json) {
    json::object shown = to_json(store.principals.find(k_kind, options.name).value());
    shown["made"] = shown["changed"] = true;
    shown["token"] = secret;
    context.print_json(shown);
    return;
  }
  context.print(fmt::format("{}\nthat is token '{}', shown this once; it may: {}", secret, options.name,
                            describe(principal.grants)));
}

void list(Context& context) {
  const Home home = context.open_home();
  show_credentials(context, context.open_store(home).principals.list(k_kind),
                   "there are no tokens; make one with: tealhook token add NAME --app APP --can VERBS");
}

void remove(Context& context, const std::string& name) {
  const Home home = context.open_home();
  const bool removed = context.open_store(home).principals.remove(k_kind, name, context.principal());
  tell_removed(context, {name, removed}, fmt::format("token '{}' is worth nothing any more", name),
               fmt::format("there is no token '{}'; see: tealhook token list", name));
}

} // namespace

void add_token(CLI::App& root, Context& context) {
  CLI::App* group =
      root.add_subcommand("token", "secrets by which programs may ask over HTTP (see: tealhook serve --help)");
  group->require_subcommand(1);
  group->footer("Examples:\n  tealhook token add ci --app shop --can read,deploy\n  tealhook token list\n"
                "  tealhook token remove ci");
  CLI::App* add_command = group->add_subcommand("add", "make a token and show it this once, or change what it may");
  add_command->footer("Examples:\n  tealhook token add ci --app shop --can read,deploy\n"
                      "  tealhook token add watch --app '*' --can read --json");
  const auto options = std::make_shared<GrantOptions>();
  add_grant_options(*add_command, *options);
  add_command->callback([&context, options] { add(context, *options); });

  CLI::App* list_command = group->add_subcommand("list", "the tokens, what they may, and when they were last used");
  list_command->footer("Examples:\n  tealhook token list --json");
  list_command->callback([&context] { list(context); });

  CLI::App* remove_command = group->add_subcommand("remove", "let a token in no more, from now on");
  remove_command->footer("Examples:\n  tealhook token remove ci");
  const auto name = std::make_shared<std::string>();
  remove_command->add_option("NAME", *name, "the token")->required();
  remove_command->callback([&context, name] { remove(context, *name); });
}

} // namespace teal::tool
