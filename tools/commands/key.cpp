#include "access/authorized_keys.hpp"
#include "access/public_key.hpp"
#include "commands/commands.hpp"
#include "core/text.hpp"
#include "credentials.hpp"
#include "report/json.hpp"
#include "upkeep/service_user.hpp"

#include <fmt/format.h>

#include <iostream>

namespace teal::tool {

namespace {

namespace json = boost::json;

constexpr auto k_kind = Principal::Kind::ssh_key;

/// What the store says may come in.
void write_keys(AuthorizedKeys& file, const Store& store) {
  std::vector<AuthorizedKey> keys;
  for (const Credential& key : store.principals.list(k_kind)) {
    keys.push_back({.name = key.principal.name, .text = key.proof});
  }
  file.write(Installation::of_this_program().tool(), keys);
}

std::string read_key() {
  if (Context::can_ask()) {
    throw Error(ErrorKind::usage, "the public key is read from standard input: add '< id_ed25519.pub'");
  }
  std::string text(std::size_t{64} << 10U, '\0'); // more than any key has
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return text;
}

enum class Change { made, grants, none };

/// Of a name that is there with this very key, only what it may.
Change store_key(Store& store, const Credential& wanted, const Principal& by) {
  const auto before = store.principals.find(k_kind, wanted.principal.name);
  if (!before || before->proof != wanted.proof) {
    store.principals.add(wanted, by);
    return Change::made;
  }
  return store.principals.set_grants(wanted.principal, by) ? Change::grants : Change::none;
}

void add(Context& context, const GrantOptions& options) {
  const Home home = context.open_home();
  Store store = context.open_store(home);
  const UserEntry user = current_user();
  Credential wanted{.principal = {.kind = k_kind, .name = options.name, .grants = grants_of(home, options)}};
  const PublicKey key = parse_public_key(read_key());
  wanted.proof = key.text;
  wanted.fingerprint = key.fingerprint;
  AuthorizedKeys file(user.folder, home); // first: a file that cannot be written lets nobody in
  const Change change = store_key(store, wanted, context.principal());
  write_keys(file, store);
  const std::string fault = describe_shell_fault(user);
  if (context.json) {
    json::object shown = to_json(store.principals.find(k_kind, options.name).value());
    shown["made"] = change == Change::made;
    shown["changed"] = change != Change::none;
    shown["user"] = user.name;
    shown["warning"] = text_or_null(fault);
    context.print_json(shown);
    return;
  }
  const std::string_view what = change == Change::made     ? "may come in as"
                                : change == Change::grants ? "may now, as"
                                                           : "is there already, and may, as";
  context.print(fmt::format("key '{}' ({}) {} {}: {}", options.name, key.fingerprint, what, user.name,
                            describe(wanted.principal.grants)));
  if (!fault.empty()) {
    context.print("warning: " + fault);
  }
}

void list(Context& context) {
  const Home home = context.open_home();
  show_credentials(context, context.open_store(home).principals.list(k_kind),
                   "there are no keys; add one with: tealhook key add NAME --app APP --can VERBS < id.pub");
}

void remove(Context& context, const std::string& name) {
  const Home home = context.open_home();
  Store store = context.open_store(home);
  const bool removed = store.principals.remove(k_kind, name, context.principal());
  while_doing("taking it out of authorized_keys; it is refused all the same", [&] {
    AuthorizedKeys file(current_user().folder, home);
    write_keys(file, store);
  });
  tell_removed(context, {name, removed}, fmt::format("key '{}' may come in no more", name),
               fmt::format("there is no key '{}'; see: tealhook key list", name));
}

} // namespace

void add_key(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("key", "let people push and ask by ssh with a key, without an account");
  group->require_subcommand(1);
  group->footer("Examples:\n  tealhook key add anna --app shop --can push,logs,rollback < id_ed25519.pub\n"
                "  tealhook key list\n  tealhook key remove anna");
  CLI::App* add_command =
      group->add_subcommand("add", "let the public key on standard input in, or change what it may");
  add_command->footer("Examples:\n  tealhook key add anna --app shop --can push,logs,rollback < id_ed25519.pub\n"
                      "  tealhook key add ben --app '*' --can read,push,deploy,switch,rollback,freeze < ben.pub\n"
                      "\nThen, where anna works:\n  git remote add blue USER@SERVER:shop/blue\n"
                      "  ssh USER@SERVER            # what she may");
  const auto options = std::make_shared<GrantOptions>();
  add_grant_options(*add_command, *options);
  add_command->callback([&context, options] { add(context, *options); });

  CLI::App* list_command = group->add_subcommand("list", "the keys, what they may, and when they were last used");
  list_command->footer("Examples:\n  tealhook key list --json");
  list_command->callback([&context] { list(context); });

  CLI::App* remove_command = group->add_subcommand("remove", "let a key in no more, from now on");
  remove_command->footer("Examples:\n  tealhook key remove anna");
  const auto name = std::make_shared<std::string>();
  remove_command->add_option("NAME", *name, "the key")->required();
  remove_command->callback([&context, name] { remove(context, *name); });
}

} // namespace teal::tool
