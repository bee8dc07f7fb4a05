#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "old_observer.hpp"
#include "process/files.hpp"
#include "report/json.hpp"
#include "serve/missed.hpp"
#include "serve/observation.hpp"
#include "serve/source_book.hpp"
#include "table.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

namespace teal::tool {

namespace {

namespace json = boost::json;
using serve::ObservedSource;

struct ObserveOptions {
  serve::ObserveWish wish;
  std::string forge;
  std::string token_file;
  OldObserver old;
  bool rotates = false;
  bool tests = false;
};

forge::CallOptions call_options() {
  return {.tell = [](const std::string& what) { std::cerr << what << '\n'; }};
}

SourceSettings::Forge parse_forge(const std::string& name) {
  using Forge = SourceSettings::Forge;
  static const std::map<std::string, Forge> k_names{{"github", Forge::github},
                                                    {"gitea", Forge::gitea},
                                                    {"forgejo", Forge::gitea},
                                                    {"gitlab", Forge::gitlab},
                                                    {"bitbucket", Forge::bitbucket}};
  return k_names.at(name);
}

json::array texts(const std::vector<std::string>& list) {
  json::array all;
  for (const std::string& one : list) {
    all.emplace_back(to_text(one));
  }
  return all;
}

json::object described(const ObservedSource& source) {
  return {{"app", source.app},
          {"source", source.settings.name},
          {"forge", std::string(serve::forge_of(source.settings.forge).name)},
          {"repo", source.settings.repo}};
}

void put_on_record(Context& context, Store& store, const std::string& verb, const ObservedSource& source,
                   const std::string& what) {
  store.actions.add({.app = source.app,
                     .verb = verb,
                     .who = context.principal().text(),
                     .at = {},
                     .text = fmt::format("source '{}' of '{}': {}", source.settings.name, source.settings.repo, what),
                     .origin = context.principal().origin});
}

/// What the source's branches are is where looking for missed deliveries begins, where the forge lists none.
std::string note_branches_of(const Context& context, Store& store, const Home& home, const ObservedSource& source) {
  const serve::Log silent(STDERR_FILENO, serve::Log::Form::text, context.clock());
  try {
    serve::note_branches({home, context.environment(), context.clock(), silent, store, {}, [](const std::string&) {}},
                         source);
    return {};
  } catch (const Error& error) {
    return error.message();
  }
}

struct Report {
  const ObservedSource& source;
  std::string outcome;
  std::vector<std::string> mended;
  std::vector<std::string> notes;
};

void tell(const Context& context, const Report& report) {
  if (context.json) {
    json::object shown = described(report.source);
    shown["url"] = report.source.hook_url();
    shown["outcome"] = report.outcome;
    shown["mended"] = texts(report.mended);
    shown["notes"] = texts(report.notes);
    context.print_json(shown);
    return;
  }
  context.print(fmt::format("{}: the webhook of '{}' that delivers to {}", report.outcome, report.source.settings.repo,
                            report.source.hook_url()));
  for (const std::string& one : report.mended) {
    context.print("  " + one);
  }
  for (const std::string& one : report.notes) {
    context.print("note: " + one);
  }
}

void observe(Context& context, ObserveOptions options) {
  options.wish.token_file = options.token_file.empty() ? "" : files::absolute(options.token_file);
  const Home home = context.open_home();
  context.require(Verb::manage, home, options.wish.app);
  Store store = context.open_store(home);
  if (!options.forge.empty()) {
    options.wish.forge = parse_forge(options.forge);
    options.wish.forge_name = options.forge;
  }
  complete(options.wish, options.old, context.environment(), load_server_settings(home).serve.listen);
  const serve::Configured made = serve::configure(home, options.wish, call_options(), context.clock());
  const ObservedSource& source = made.source;
  const auto api = serve::api_of(home, source, call_options(), context.clock());
  const serve::Registration registered =
      while_doing("registering the webhook: the source is in app.yml already, so "
                  "observe it again",
                  [&] { return serve::register_hook(home, source, *api, made.fresh_secret, made.former_url); });
  Report report{source, std::string(to_string(registered.outcome)), registered.mended, {}};
  if (options.rotates && !made.fresh_secret) {
    serve::rotate_secret(home, source, *api);
    report.outcome = "rotated";
    report.notes.emplace_back("the secret before is taken for a day more, until 'tealhook serve' drops it");
  }
  if (options.tests) {
    const auto hook = serve::register_hook(home, source, *api, false).id;
    report.notes.emplace_back(api->test_hook(hook) ? "a test delivery was asked for: see the log of 'tealhook serve'"
                                                   : "this forge cannot be asked for a test delivery");
  }
  if (forge::is_plain_text(source.settings.api)) {
    report.notes.emplace_back("the token goes to the forge in plain text: its API is asked by http");
  }
  if (!api->lists_deliveries()) {
    report.notes.emplace_back("this forge does not list what it delivered: what was missed is found by looking at the "
                              "branches");
    if (const std::string fault = note_branches_of(context, store, home, source); !fault.empty()) {
      report.notes.push_back("the branches cannot be looked at now: " + fault);
    }
  }
  if (report.outcome != "unchanged" || made.changed) {
    put_on_record(context, store, "observe", source, report.outcome);
  }
  tell(context, report);
}

struct EndOptions {
  std::string app;
  std::string source;
  bool force = false;
};

/// How many webhooks went, or nothing where the forge could not be asked, and that is to be no matter.
std::optional<int> take_away(const Context& context, const Home& home, const ObservedSource& source, bool force) {
  try {
    return serve::unregister_hook(source, *serve::api_of(home, source, call_options(), context.clock()));
  } catch (const Error& error) {
    if (!force) {
      throw Error(error.kind(), fmt::format("{}; nothing was changed: the source is still there. To forget it here all "
                                            "the same: tealhook unobserve {} --source {} --force",
                                            error.message(), source.app, source.settings.name));
    }
    std::cerr << "warning: the webhook at the forge may still be there: " << printable(error.message(), true) << '\n';
    return std::nullopt;
  }
}

void unobserve(Context& context, const EndOptions& options) {
  const Home home = context.open_home();
  context.require(Verb::manage, home, options.app);
  Store store = context.open_store(home);
  const ObservedSource source = serve::find_observed(home, options.app, options.source);
  const auto removed = take_away(context, home, source, options.force);
  serve::forget(home, source, store.source_checks);
  const std::string words = !removed        ? "forgotten here; the forge was not reached"
                            : *removed == 0 ? "the webhook had been removed already"
                                            : "the webhook is removed";
  put_on_record(context, store, "unobserve", source, words);
  if (context.json) {
    json::object shown = described(source);
    shown["removed"] = removed ? json::value(*removed) : json::value();
    context.print_json(shown);
  } else {
    context.print(fmt::format("{}, and with it the source '{}' of '{}' with its secret", words, source.settings.name,
                              source.app));
  }
}

/// All, with those apps' errors whose settings are wrong.
std::vector<ObservedSource> all_observed(const Home& home, std::vector<Error>& faults) {
  std::vector<ObservedSource> all;
  for (const std::string& app : list_apps(home)) {
    try {
      const auto sources = serve::observed_sources(home, app);
      all.insert(all.end(), sources.begin(), sources.end());
    } catch (const Error& error) {
      faults.push_back(error);
    }
  }
  return all;
}

void list(Context& context) {
  const Home home = context.open_home();
  static_cast<void>(context.open_store(home));
  context.require_permission(Verb::manage, home, Grant::k_any_app);
  std::vector<Error> faults;
  json::array shown;
  std::vector<Row> rows{{"APP", "SOURCE", "FORGE", "REPO", "STATE", "STATUSES", ""}};
  for (const ObservedSource& source : all_observed(home, faults)) {
    const auto state = serve::state_of(home, source, {.tries = 2, .longest_wait = Milliseconds(0)}, context.clock());
    json::object one = described(source);
    one["state"] = std::string(to_string(state.kind));
    one["text"] = text_or_null(state.text);
    one["statuses"] = source.reports();
    one["url"] = source.public_url.empty() ? json::value() : json::value(source.hook_url());
    rows.push_back({source.app, source.settings.name, std::string(serve::forge_of(source.settings.forge).name),
                    source.settings.repo, std::string(to_string(state.kind)), source.reports() ? "yes" : "no",
                    state.text});
    shown.push_back(std::move(one));
  }
  if (context.json) {
    context.print_json(shown);
  } else {
    context.print(rows.size() == 1 ? "nothing is observed; begin with: tealhook observe APP --forge FORGE --repo "
                                     "OWNER/NAME --url URL --token-file FILE"
                                   : format_table(std::move(rows)));
  }
  context.tell_faults(faults);
}

void add_unobserve(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("unobserve", "remove our webhook from the forge, then the source");
  command->footer("Examples:\n  tealhook unobserve shop\n  tealhook unobserve shop --source hub\n"
                  "  tealhook unobserve shop --force      # though the forge cannot be reached");
  const auto options = std::make_shared<EndOptions>();
  command->add_option("APP", options->app, "the app")->required();
  command->add_option("--source", options->source, "which of its sources, if several are observed")->type_name("NAME");
  command->add_flag("--force", options->force, "forget it here, also where the forge cannot be asked");
  command->callback([&context, options] { unobserve(context, *options); });
}

void add_observers(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("observers", "what is observed, and how each webhook is, as its forge says now");
  command->footer(
      "A state is ok, drifted, missing or unreachable; what has drifted is mended by observing it again.\n\n"
      "Examples:\n  tealhook observers\n  tealhook observers --json");
  command->callback([&context] { list(context); });
}

} // namespace

void add_observe(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("observe", "register our webhook at a forge, or mend it, with a source and a secret for it");
  command->footer("The token goes to the forge alone. GitHub's has to allow webhooks, and, for what is reported back,\n"
                  "commit statuses and deployments (classic: repo; fine-grained: Webhooks, Commit statuses and\n"
                  "Deployments to read and write, Contents to read). Of what is there already, only what is to change\n"
                  "has to be said.\n\n"
                  "Examples:\n"
                  "  tealhook observe shop --forge github --repo ada/shop --url https://hooks.example.com \\\n"
                  "      --token-file /etc/tealhook/github.token\n"
                  "  tealhook observe shop --forge forgejo --repo ada/shop --url https://hooks.example.com \\\n"
                  "      --token-file ada.token --api https://codeberg.org/api/v1\n"
                  "  tealhook observe shop                # as it is configured: mends what has drifted\n"
                  "  tealhook observe shop --rotate       # a new secret; the one before is good for a day more");
  const auto options = std::make_shared<ObserveOptions>();
  serve::ObserveWish& wish = options->wish;
  command->add_option("APP", wish.app, "the app that pushes are deployed to")->required();
  command->add_option("--forge", options->forge, "github, gitea, forgejo, gitlab or bitbucket")
      ->type_name("FORGE")
      ->check(CLI::IsMember({"github", "gitea", "forgejo", "gitlab", "bitbucket"}));
  command->add_option("--repo", wish.repo, "the repository there")->type_name("OWNER/NAME");
  command->add_option("--url", wish.public_url, "as the forge reaches 'tealhook serve' (else serve.public_url)")
      ->type_name("URL");
  command->add_option("--token-file", options->token_file, "a file with the forge's token, for its owner alone (0600)")
      ->type_name("FILE");
  command->add_option("--source", wish.source, "what to call the source (else as the forge)")->type_name("NAME");
  command->add_option("--api", wish.api, "where the forge's API is, if it is your own")->type_name("URL");
  command->add_option("--branch", wish.branch, "a pattern: of the branches that count")->type_name("PATTERN");
  command->add_flag("--rotate", options->rotates, "change the secret");
  command->add_flag("--test", options->tests, "have the forge send a delivery that asks for nothing");
  add_old_options(*command, options->old);
  command->callback([&context, options] { observe(context, *options); });
  add_unobserve(root, context);
  add_observers(root, context);
}

} // namespace teal::tool
