#include "trigger/poll.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "serve/delivery_work.hpp"
#include "table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace teal::tool {

namespace {

namespace json = boost::json;

constexpr std::size_t k_threads = 4;

struct Look {
  std::string app;
  SourceSettings source;
  std::optional<PollResult> result; ///< nothing: it could not be read
  std::string fault;                ///< why
};

/// Each app's, by name; of one that is given, or of all. Wrong settings of one do not hide the others.
std::vector<Look> looks_of(Context& context, const Home& home, const std::string& only) {
  std::vector<Look> looks;
  std::vector<Error> faults;
  for (const std::string& app : only.empty() ? list_apps(home) : std::vector{only}) {
    try {
      for (const SourceSettings& source : polled_sources(load_app_settings(home, app))) {
        looks.push_back({.app = app, .source = source, .result = {}, .fault = {}});
      }
    } catch (const Error& error) {
      faults.push_back(error);
    }
  }
  context.tell_faults(faults);
  return looks;
}

void look(const Context& context, const Home& home, Look& look) {
  try {
    Store store(home.store(), context.clock());
    look.result = poll(store, {home, context.environment()}, look.app, look.source, context.clock().now());
  } catch (const std::exception& error) {
    look.fault = error.what();
  }
}

/// Some at a time: each may have to wait for another host.
void look_at_all(const Context& context, const Home& home, std::vector<Look>& looks) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(k_threads, looks.size()); ++i) {
    threads.emplace_back([&] {
      for (std::size_t at = next++; at < looks.size(); at = next++) {
        look(context, home, looks[at]);
      }
    });
  }
}

/// Until nothing is due: what has to be tried again later is left to whoever comes then.
void work_off(const Context& context, const Home& home, const std::string& app) {
  const serve::Log nobody(-1, serve::Log::Form::text, context.clock()); // the outcomes are shown below
  serve::Metrics metrics(home.store());
  serve::DeliveryWork work(
      {home, context.environment(), Installation::of_this_program(), context.clock(), nobody, metrics});
  for (auto pause = work.work_off(app, {}); pause && *pause <= serve::DeliveryWork::k_beside;
       pause = work.work_off(app, {})) {
    sleep_unless({}, *pause);
  }
}

std::string state_of(const Look& look) {
  return !look.result ? "unreachable" : look.result->deliveries.empty() ? "unchanged" : "changed";
}

/// What came of it, read anew: it was worked off since.
std::vector<StoredDelivery> outcomes_of(const Store& store, const Look& look) {
  std::vector<StoredDelivery> outcomes;
  for (const StoredDelivery& one : look.result ? look.result->deliveries : std::vector<StoredDelivery>()) {
    outcomes.push_back(store.deliveries.find(one.id).value_or(one));
  }
  return outcomes;
}

std::string words_of(const Store& store, const Look& look) {
  if (!look.result) {
    return look.fault;
  }
  std::vector<std::string> words;
  for (const StoredDelivery& one : outcomes_of(store, look)) {
    words.push_back(one.status == DeliveryStatus::waiting ? "is tried again: " + one.outcome : one.outcome);
  }
  for (const std::string& ref : look.result->gone) {
    words.push_back(fmt::format("'{}' is gone there", printable(short_ref(ref))));
  }
  if (look.result->passed_over > 0) {
    words.push_back(fmt::format("{} passed over", look.result->passed_over));
  }
  if (look.result->there == 0) {
    const bool is_branch = look.source.tag.empty();
    words.push_back(fmt::format("there is no {} '{}'", is_branch ? "branch" : "tag",
                                is_branch ? look.source.branch : look.source.tag));
  }
  return join(words, "; ");
}

json::object to_json(const Store& store, const Look& look) {
  json::array deliveries;
  for (const StoredDelivery& one : outcomes_of(store, look)) {
    deliveries.push_back({{"event", one.id},
                          {"ref", to_text(one.refs.front().ref)},
                          {"commit", one.refs.front().commit},
                          {"status", to_string(one.status)},
                          {"outcome", to_text(one.outcome)}});
  }
  json::array gone;
  for (const std::string& ref : look.result ? look.result->gone : std::vector<std::string>()) {
    gone.emplace_back(to_text(ref));
  }
  return {{"app", look.app},         {"source", look.source.name},
          {"state", state_of(look)}, {"deliveries", std::move(deliveries)},
          {"gone", std::move(gone)}, {"reason", text_or_null(look.fault)}};
}

void show(const Context& context, const Store& store, const std::vector<Look>& looks) {
  json::array all;
  std::vector<Row> rows;
  for (const Look& look : looks) {
    all.push_back(to_json(store, look));
    rows.push_back({look.app, look.source.name, state_of(look), words_of(store, look)});
  }
  if (context.json) {
    context.print_json(all);
  } else {
    context.print(rows.empty() ? "no app has a source of kind poll" : format_table(rows));
  }
}

void poll_once(Context& context, const std::string& only) {
  const Home home = context.open_home();
  if (!only.empty()) {
    context.require(Verb::deploy, home, only);
  }
  const Store store = context.open_store(home);
  std::vector<Look> looks = looks_of(context, home, only);
  look_at_all(context, home, looks);
  std::string last;
  for (const Look& one : looks) {
    if (one.app != last) {
      work_off(context, home, one.app);
      last = one.app;
    }
  }
  show(context, store, looks);
  if (std::any_of(looks.begin(), looks.end(), [](const Look& one) { return !one.result; })) {
    context.exit_code = exit_code(ErrorKind::environment);
  }
}

} // namespace

void add_poll(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "poll", "look at the sources of kind poll, and deploy what is new there; exits 3 if one cannot be read");
  command->footer("'tealhook serve' does so by itself, each at its interval; this is for cron, or a timer.\n\n"
                  "Examples:\n  tealhook poll --once            # of all apps\n"
                  "  tealhook poll --once shop --json");
  const auto app = std::make_shared<std::string>();
  command->add_option("NAME", *app, "one app only (default: all)");
  command->add_flag("--once")->description("each source once, and now")->required();
  command->callback([&context, app] { poll_once(context, *app); });
}

} // namespace teal::tool
