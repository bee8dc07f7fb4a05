#include "commands/commands.hpp"
#include "core/text.hpp"
#include "deploy/restart.hpp"
#include "model/event.hpp"
#include "report/json.hpp"
#include "request/presenter.hpp"
#include "table.hpp"
#include "upkeep/variables.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <iterator>
#include <memory>

namespace teal::tool {

namespace {

namespace json = boost::json;

constexpr std::size_t k_longest_value = std::size_t{1} << 20U;

struct EnvOptions {
  std::string app;
  std::string action;
  std::vector<std::string> words;
  bool later = false;
  bool show = false;
};

/// Only calls that a signal handler may make.
void say_goodbye(int /*signal*/) {
  constexpr std::string_view k_words = "\nstopped showing; the change stands, and the deployment goes on\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, k_words.data(), k_words.size());
  ::_exit(130);
}

std::string read_value() {
  std::string value(std::istreambuf_iterator<char>(std::cin), {});
  if (value.size() > k_longest_value) {
    throw Error(ErrorKind::usage, fmt::format("the value is larger than {}", format_size(k_longest_value)));
  }
  if (value.ends_with('\n')) {
    value.pop_back();
  }
  return value;
}

/// "K=V"; and once "K" or "K=-", whose value comes by standard input.
VariableWishes to_set(const std::vector<std::string>& words) {
  VariableWishes wishes;
  bool has_read = false;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    const bool reads = equals == std::string::npos || word.substr(equals) == "=-";
    if (reads && std::exchange(has_read, true)) {
      throw Error(ErrorKind::usage, "only one value can come by standard input");
    }
    wishes[word.substr(0, equals)] = reads ? read_value() : word.substr(equals + 1);
  }
  return wishes;
}

VariableWishes to_unset(const std::vector<std::string>& words) {
  VariableWishes wishes;
  for (const std::string& word : words) {
    wishes[word] = std::nullopt;
  }
  return wishes;
}

std::optional<SettingsText> pushed_last(const Store& store, const std::string& app) {
  const auto releases = store.history.releases(app);
  const auto kept = releases.empty() ? std::nullopt : store.history.release_settings(releases.front().id);
  return kept && kept->pushed
             ? std::optional(
                   SettingsText{fmt::format("{}:.tealhook.yml", short_commit(releases.front().commit)), *kept->pushed})
             : std::nullopt;
}

void list(Context& context, const EnvOptions& options) {
  const Home home = context.open_home();
  context.require(Verb::manage, home, options.app);
  const Store store(home.store(), context.clock());
  json::array shown;
  std::vector<Row> rows;
  for (const Variable& variable : variables_of(home, options.app, pushed_last(store, options.app))) {
    shown.push_back({{"name", variable.name},
                     {"value", options.show ? json::value(to_text(variable.value)) : json::value(nullptr)},
                     {"origin", to_text(variable.origin)}});
    rows.push_back({variable.name, options.show ? variable.value : "***", variable.origin});
  }
  if (context.json) {
    context.print_json(shown);
  } else {
    context.print(rows.empty() ? fmt::format("'{}' has no variables of its own", options.app)
                               : format_table(std::move(rows)));
  }
}

class Change {
public:
  Change(Context& context, const EnvOptions& options)
      : m_context(context), m_options(options), m_services(context.open_services()),
        m_store(m_services.home.store(), context.clock()), m_output(context.output()) {
    context.require(Verb::manage, m_services.home, options.app);
    if (!options.later) {
      context.require(Verb::deploy, m_services.home, options.app);
    }
  }

  void make() {
    const bool sets = m_options.action == "set";
    const VariableWishes wishes = sets ? to_set(m_options.words) : to_unset(m_options.words);
    for (const auto& [name, value] : wishes) {
      m_names += (m_names.empty() ? "" : ", ") + name;
    }
    const auto colors = m_options.later ? std::vector<Color>() // first: an engine that is away changes nothing
                                        : colors_that_run(m_services, m_store, m_options.app);
    VariableChange change(m_services.home, m_options.app, wishes);
    if (!change.changes_anything()) {
      say(fmt::format("nothing of '{}' changes by that", m_options.app));
    } else {
      note("env " + m_options.action);
      apply(change, colors);
    }
    tell_what_stays(wishes);
    if (m_context.json) {
      m_context.print_json({{"app", m_options.app},
                            {"changed", change.changes_anything()},
                            {"put_back", m_put_back},
                            {"deployments", std::move(m_deployments)}});
    }
  }

private:
  void apply(VariableChange& change, const std::vector<Color>& colors) {
    if (colors.empty()) {
      say(fmt::format("{}: {}, with the next deployment", m_names, m_options.action));
      return;
    }
    std::signal(SIGINT, say_goodbye);
    for (const Color color : colors) {
      if (restart(color)) {
        continue;
      }
      m_context.exit_code = m_context.exit_code == 0 ? 1 : m_context.exit_code;
      if (color != colors.front()) {
        say(fmt::format("{} still runs with what it had; {} has the change", to_string(color),
                        to_string(colors.front())));
      } else {
        put_back(change);
        return;
      }
    }
  }

  /// Whether it runs with the change now, or something newer will.
  bool restart(Color color) {
    const Workplace place = m_context.workplace(m_services.home, m_store);
    const Submission submission =
        submit(place, m_context.principal(), restart_request(m_services, m_store, m_options.app, color));
    const int code = present(place, submission, m_output, false);
    const Deployment ended = m_store.history.deployment(submission.deployment.id).value();
    m_deployments.push_back(to_json(ended));
    m_context.exit_code = code != 0 ? code : m_context.exit_code;
    if (!is_final(ended.status)) {
      return true; // it goes on, once what hinders it is mended
    }
    return is_success(ended.status) || ended.status == Status::superseded;
  }

  void put_back(VariableChange& change) {
    m_put_back = change.put_back();
    if (m_put_back) {
      note("env put back");
    }
    say(m_put_back ? fmt::format("{}: put back as it was", m_names)
                   : fmt::format("{}: stands, for somebody changed these files since", m_names));
  }

  /// What is given by others, too.
  void tell_what_stays(const VariableWishes& wishes) {
    for (const Variable& variable : variables_of(m_services.home, m_options.app, pushed_last(m_store, m_options.app))) {
      const auto wish = wishes.find(variable.name);
      if (!m_put_back && wish != wishes.end() && !wish->second) {
        say(fmt::format("{} is given by '{}', too: take it out there", variable.name, variable.origin));
      }
    }
  }

  void note(const std::string& verb) {
    const Principal& who = m_context.principal();
    m_store.actions.add(
        {.app = m_options.app, .verb = verb, .who = who.text(), .at = {}, .text = m_names, .origin = who.origin});
  }

  void say(const std::string& words) { m_output.write(words + "\n"); }

  Context& m_context;
  const EnvOptions& m_options;
  Services m_services;
  Store m_store;
  Output m_output;
  std::string m_names;
  bool m_put_back = false;
  json::array m_deployments;
};

void run(Context& context, const EnvOptions& options) {
  if (options.action.empty()) {
    list(context, options);
  } else if (options.words.empty()) {
    throw Error(ErrorKind::usage,
                fmt::format("say what to {}: {}", options.action, options.action == "set" ? "K=V" : "K"));
  } else {
    Change(context, options).make();
  }
}

} // namespace

void add_env(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("env", "show or change an app's environment; what runs is started anew");
  command->footer("Examples:\n  tealhook env shop                          # names, and where each stands\n"
                  "  tealhook env shop set LOG_LEVEL=debug WORKERS=4\n"
                  "  tealhook env shop set DATABASE_URL < url   # a secret, not on the command line\n"
                  "  tealhook env shop unset WORKERS --later    # with the next deployment");
  const auto options = std::make_shared<EnvOptions>();
  command->add_option("NAME", options->app, "the app")->required();
  command->add_option("ACTION", options->action, "set or unset (default: show)")
      ->check(CLI::IsMember({"set", "unset"}));
  command->add_option("WORDS", options->words, "K=V, or K (also K=-) with its value by standard input; to unset: K");
  command->add_flag("--later", options->later, "start nothing anew: with the next deployment");
  command->add_flag("--show", options->show, "show values, too");
  command->callback([&context, options] { run(context, *options); });
}

} // namespace teal::tool
