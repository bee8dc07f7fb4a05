#include "report/event.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "model/event_id.hpp"
#include "process/atomic_file.hpp"
#include "report/json.hpp"
#include "request/deployment_log.hpp"
#include "request/presenter.hpp"
#include "serve/delivery_work.hpp"
#include "serve/hook_door.hpp"
#include "serve/source_book.hpp"
#include "store/permission.hpp"
#include "table.hpp"
#include "trigger/by_hand.hpp"
#include "trigger/explanation.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <variant>

namespace teal::tool {

namespace {

namespace json = boost::json;

struct EventOptions {
  std::string id; ///< or a file
  std::string app;
  std::string source;
  std::vector<std::string> headers;
  std::size_t limit = 20;
  bool dry_run = false;
  bool detach = false;
};

EventId require_id(const std::string& text) {
  if (const auto id = EventId::parse(text)) {
    return *id;
  }
  throw Error(
      ErrorKind::usage,
      fmt::format("'{}' is no event: give a number, or that of a delivery, such as d12; see: tealhook event list",
                  shorten(text, 60)));
}

/// What has that id, with headers and payload. Who may not is told the same as of one that is not there.
EventEntry require_entry(Context& context, Store& store, const EventId& id, Verb verb) {
  std::optional<EventEntry> found;
  if (id.kind == EventId::Kind::delivery) {
    if (auto delivery = store.deliveries.find(id.number)) {
      found.emplace(std::move(*delivery));
    }
  } else if (auto deployments = store.history.of_event(id.number); !deployments.empty()) {
    found.emplace(PastEvent{std::move(deployments)});
  }
  if (!found || !allows(store.actions, context.principal(), app_of(*found), verb, "event " + id.text())) {
    throw Error(ErrorKind::usage, fmt::format("there is no event {}; see: tealhook event list", id.text()));
  }
  return std::move(*found);
}

std::string describe_refs(const StoredDelivery& delivery) {
  std::vector<std::string> texts;
  for (const AskedRef& asked : delivery.refs) {
    texts.push_back(fmt::format("{} {}", short_ref(asked.ref), short_commit(asked.commit)));
  }
  return join(texts, ", ");
}

Row to_row(const PastEvent& past, TimePoint now) {
  const Event& event = past.event();
  const Deployment& newest = past.deployments.front();
  return {std::to_string(event.id),
          format_age(now - event.at),
          event.app,
          std::string(to_string(event.trigger)),
          event.who,
          describe(event),
          fmt::format("deployment {} to {}: {}", newest.id, place_of(newest), to_string(newest.status))};
}

Row to_row(const StoredDelivery& delivery, TimePoint now) {
  const std::string outcome = delivery.outcome.empty() ? "" : ": " + shorten(delivery.outcome, 80);
  return {delivery_id(delivery.id),
          format_age(now - delivery.at),
          delivery.app,
          "delivery",
          "source:" + delivery.source,
          describe_refs(delivery),
          std::string(to_string(delivery.status)) + outcome};
}

void list(Context& context, const EventOptions& options) {
  const Home home = context.open_home();
  if (!options.app.empty()) {
    context.require_permission(Verb::read, home, options.app);
  }
  const Store store = context.open_store(home);
  auto entries = events_of(store, options.app.empty() ? std::nullopt : std::optional(options.app), options.limit);
  std::erase_if(entries, [&](const EventEntry& one) { return !may(context.principal(), app_of(one), Verb::read).yes; });
  if (context.json) {
    json::array all;
    for (const EventEntry& entry : entries) {
      all.push_back(to_json(entry));
    }
    context.print_json(all);
    return;
  }
  const TimePoint now = context.clock().now();
  std::vector<Row> rows{{"ID", "AGE", "APP", "DOOR", "WHO", "WHAT", "WHAT BECAME OF IT"}};
  for (const EventEntry& entry : entries) {
    rows.push_back(std::visit([&](const auto& one) { return to_row(one, now); }, entry));
  }
  context.print(entries.empty() ? "nothing has come in" : format_table(std::move(rows)));
}

void print(const Context& context, const PastEvent& past) {
  const Event& event = past.event();
  std::vector<Row> rows{{"event", std::to_string(event.id)},
                        {"app", event.app},
                        {"at", format_time(event.at)},
                        {"door", std::string(to_string(event.trigger))},
                        {"who", event.who},
                        {"repository", event.repository},
                        {"ref", event.ref},
                        {"commit", event.new_commit},
                        {"before", event.old_commit.empty() ? "-" : event.old_commit},
                        {"subject", event.subject}};
  for (const Deployment& one : past.deployments) {
    rows.push_back(
        {fmt::format("deployment {}", one.id), fmt::format("to {}: {}{}", place_of(one), to_string(one.status),
                                                           one.outcome.empty() ? "" : "; " + one.outcome)});
  }
  context.print(format_table(std::move(rows)));
}

void print(const Context& context, const StoredDelivery& delivery) {
  std::vector<Row> rows{{"delivery", delivery_id(delivery.id)},
                        {"app", delivery.app},
                        {"at", format_time(delivery.at)},
                        {"source", delivery.source},
                        {"sender's id", delivery.sender.empty() ? "-" : delivery.sender}};
  for (const AskedRef& asked : delivery.refs) {
    rows.push_back({"asks for", fmt::format("{} {}", asked.ref, asked.commit)});
  }
  rows.push_back({"status", std::string(to_string(delivery.status))});
  rows.push_back({"attempts in vain", std::to_string(delivery.attempts)});
  rows.push_back({"outcome", delivery.outcome.empty() ? "-" : delivery.outcome});
  rows.push_back({"deployment", delivery.deployment == 0 ? "-" : std::to_string(delivery.deployment)});
  context.print(format_table(std::move(rows)));
  context.print(fmt::format("\n{}\n\n{}", trim(delivery.headers), delivery.payload));
}

void show(Context& context, const EventOptions& options) {
  const Home home = context.open_home();
  Store store(home.store(), context.clock());
  const EventEntry entry = require_entry(context, store, require_id(options.id), Verb::read);
  const auto* delivery = std::get_if<StoredDelivery>(&entry);
  if (context.json) {
    context.print_json(delivery != nullptr ? to_json_whole(*delivery) : to_json(entry));
    return;
  }
  std::visit([&](const auto& one) { print(context, one); }, entry);
}

/// An event is asked for again as it was, by whoever replays it.
void replay(Context& context, const EventOptions& options, const Home& home, Store& store, const PastEvent& past) {
  require_app(home, past.event().app);
  const Request request = request_again(store.history, past.deployments.front(), context.clock().now());
  if (options.dry_run) {
    const Explanation would = Explainer(home, store, past.event().app).explain(past.deployments.front());
    const std::string text =
        fmt::format("{} would be deployed to {}, as it was", describe(request.event), request.destination.text());
    if (context.json) {
      context.print_json({{"dry_run", true}, {"outcome", to_text(text)}, {"explanation", to_json(would)}});
      return;
    }
    const Explanation::Look& app = would.looks.back();
    context.print(app.why.empty() ? text : fmt::format("{}; the app is {} {}", text, app.verdict, app.why));
    return;
  }
  const Workplace place = context.workplace(home, store);
  const Submission submission = submit(place, context.principal(), request);
  Output output = context.output();
  context.exit_code = present(place, submission, output, options.detach);
  if (context.json) {
    context.print_json(to_json(store.history.deployment(submission.deployment.id).value()));
  }
}

/// A delivery is worked off here and now, whether a daemon runs or not.
void replay(Context& context, const EventOptions& options, const Home& home, Store& store,
            const StoredDelivery& delivery) {
  require_app(home, delivery.app);
  const serve::Log log(STDERR_FILENO, serve::Log::Form::text, context.clock());
  serve::Metrics metrics(home.store());
  const serve::DeliveryWork work(
      {home, context.environment(), Installation::of_this_program(), context.clock(), log, metrics});
  const Deliveries::Settled settled = work.replay(store, delivery, options.dry_run);
  const std::string id = delivery_id(delivery.id);
  if (settled.status == DeliveryStatus::waiting) {
    throw Error(ErrorKind::environment, fmt::format("{} stays as it was: {}", id, settled.outcome));
  }
  if (!options.dry_run) {
    store.deliveries.settle_anew(settled);
    store.actions.add({.app = delivery.app,
                       .verb = "replay",
                       .who = context.principal().text(),
                       .at = {},
                       .text = fmt::format("{}: {}", id, settled.outcome),
                       .origin = context.principal().origin,
                       .deployment = settled.deployment});
  }
  if (context.json) {
    context.print_json(
        {{"id", id},
         {"dry_run", options.dry_run},
         {"status", to_string(settled.status)},
         {"outcome", to_text(settled.outcome)},
         {"deployment", settled.deployment == 0 ? json::value(nullptr) : json::value(settled.deployment)}});
    return;
  }
  context.print(
      fmt::format("{} {} {}: {}", id, options.dry_run ? "would be" : "is", to_string(settled.status), settled.outcome));
}

void replay(Context& context, const EventOptions& options) {
  const Home home = context.open_home();
  Store store(home.store(), context.clock());
  const EventEntry entry = require_entry(context, store, require_id(options.id), Verb::deploy);
  std::visit([&](const auto& one) { replay(context, options, home, store, one); }, entry);
}

void add_header(http::HeaderList& headers, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    throw Error(ErrorKind::usage, fmt::format("'{}' is no header: give NAME: VALUE, such as 'X-GitHub-Event: push'",
                                              printable(shorten(line, 60))));
  }
  headers.add(std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1))));
}

http::HeaderList headers_of(const std::string& lines) {
  http::HeaderList headers;
  for (const std::string& line : split(trim(lines), '\n')) {
    if (!trim(line).empty()) {
      add_header(headers, trim(line));
    }
  }
  return headers;
}

/// A payload, before which the headers may stand that it came with, and an empty line.
struct SavedDelivery {
  http::HeaderList headers;
  std::string payload;
};

SavedDelivery read_delivery(const EventOptions& options) {
  SavedDelivery saved;
  std::string text = read_file(options.id, serve::HookDoor::k_body_limit);
  std::erase(text, '\r');
  const std::size_t end = text.find("\n\n");
  const bool has_head = end != std::string::npos && !trim(text).starts_with('{') && text.find(':') < text.find('\n');
  if (has_head) {
    saved.headers = headers_of(text.substr(0, end));
    text.erase(0, end + 2);
  }
  for (const std::string& line : options.headers) {
    add_header(saved.headers, line);
  }
  saved.payload = std::move(text);
  return saved;
}

std::vector<Explanation> explain_file(Context& context, const EventOptions& options, const Home& home,
                                      const Store& store) {
  if (context.is_keyed()) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' is no event, and a key can ask for no file", shorten(options.id, 60)));
  }
  if (options.app.empty() || options.source.empty()) {
    throw Error(ErrorKind::usage, "say whose delivery the file is: --app NAME --source NAME");
  }
  context.require(Verb::read, home, options.app);
  const Explainer explainer(home, store, options.app);
  const SourceSettings& source = explainer.source(options.source);
  const SavedDelivery saved = read_delivery(options);
  return explainer.explain(
      {.source = source, .forge = serve::forge_of(source.forge), .headers = saved.headers, .payload = saved.payload});
}

std::vector<Explanation> explain_entry(Context& context, const Home& home, Store& store, const EventId& id) {
  const EventEntry entry = require_entry(context, store, id, Verb::read);
  const Explainer explainer(home, store, app_of(entry));
  if (const auto* past = std::get_if<PastEvent>(&entry)) {
    return {explainer.explain(past->deployments.front())};
  }
  const auto& delivery = std::get<StoredDelivery>(entry);
  const SourceSettings& source = explainer.source(delivery.source);
  const http::HeaderList headers = headers_of(delivery.headers);
  return explainer.explain({.source = source,
                            .forge = serve::forge_of(source.forge),
                            .headers = headers,
                            .payload = delivery.payload,
                            .was_verified = true});
}

void explain(Context& context, const EventOptions& options) {
  const Home home = context.open_home();
  Store store(home.store(), context.clock());
  const auto id = options.source.empty() ? EventId::parse(options.id) : std::nullopt;
  const auto all = id ? explain_entry(context, home, store, *id) : explain_file(context, options, home, store);
  if (context.json) {
    json::array shown;
    for (const Explanation& explanation : all) {
      shown.push_back(to_json(explanation));
    }
    context.print_json(shown);
    return;
  }
  for (const Explanation& explanation : all) {
    std::vector<Row> rows;
    for (const Explanation::Look& look : explanation.looks) {
      rows.push_back({"  " + look.at, look.verdict, look.why});
    }
    context.print(fmt::format("{}\n{}\n{}", explanation.what, format_table(std::move(rows)), explanation.outcome));
  }
}

} // namespace

void add_event(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("event", "what came in, what became of it and why; and once more");
  group->require_subcommand(0, 1);
  group->footer("Events asked for a deployment: a push, a delivery, a command. Deliveries (d12) are what senders of\n"
                "webhooks were told was accepted; an event comes of one that is to be deployed.\n\n"
                "Examples:\n  tealhook event                       # the newest of all apps\n"
                "  tealhook event show d12\n  tealhook event explain d12\n  tealhook event replay d12 --dry-run");
  const auto options = std::make_shared<EventOptions>();
  group->callback([&context, group, options] {
    if (group->get_subcommands().empty()) {
      list(context, *options);
    }
  });
  CLI::App* list_command = group->add_subcommand("list", "events and deliveries, newest first");
  list_command->footer("Examples:\n  tealhook event list --app shop -n 100 --json");
  list_command->add_option("--app", options->app, "one app only")->type_name("NAME");
  list_command->add_option("-n", options->limit, "how many at most")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  list_command->callback([&context, options] { list(context, *options); });

  CLI::App* show_command =
      group->add_subcommand("show", "all that is kept of one; of a delivery its headers and payload, without secrets");
  show_command->footer("Examples:\n  tealhook event show 7\n  tealhook event show d12 --json");
  show_command->add_option("ID", options->id, "its number, or a delivery's: d12")->required();
  show_command->callback([&context, options] { show(context, *options); });

  CLI::App* replay_command =
      group->add_subcommand("replay", "ask for an event again, or look up a delivery's ref at its source again");
  replay_command->footer(
      "A commit that a source asked for last is not asked for again by its delivery: replay the\nevent "
      "that came of it.\n\nExamples:\n  tealhook event replay 7 --detach\n"
      "  tealhook event replay d12 --dry-run    # what would become of it");
  replay_command->add_option("ID", options->id, "its number, or a delivery's: d12")->required();
  replay_command->add_flag("--dry-run", options->dry_run, "say what would be done, and deploy nothing");
  replay_command->add_flag("--detach", options->detach, "do not wait for the outcome");
  replay_command->callback([&context, options] { replay(context, *options); });

  CLI::App* explain_command =
      group->add_subcommand("explain", "what each rule says of an event or a delivery now, and why");
  explain_command->footer(
      "A FILE is a payload as the sender shows it, with or without the headers and an empty line before it.\n\n"
      "Examples:\n  tealhook event explain d12\n"
      "  tealhook event explain push.json --app shop --source hub -H 'X-GitHub-Event: push'");
  explain_command->add_option("WHAT", options->id, "an event (7), a delivery (d12), or a file")->required();
  explain_command->add_option("--app", options->app, "of a file: whose delivery it is")->type_name("NAME");
  explain_command->add_option("--source", options->source, "of a file: the app's source that it would come by")
      ->type_name("NAME");
  explain_command->add_option("-H", options->headers, "of a file: a header that it came with (NAME: VALUE)")
      ->type_name("HEADER")
      ->allow_extra_args(false);
  explain_command->callback([&context, options] { explain(context, *options); });
}

} // namespace teal::tool
