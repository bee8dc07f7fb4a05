#include "credentials.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace teal::tool {

void add_grant_options(CLI::App& command, GrantOptions& options) {
  command.add_option("NAME", options.name, "what to call it: letters, digits, '.', '_' and '-'")->required();
  command.add_option("--app", options.apps, "the app that it is for, or a pattern: 'web-*', '*'; may be given again")
      ->type_name("APP")
      ->allow_extra_args(false)
      ->required();
  command
      .add_option("--can", options.verbs,
                  "what it may there, separated by ',': read (status, history, plan, queue, git fetch), logs, push, "
                  "deploy, switch, rollback, freeze, manage")
      ->type_name("VERBS")
      ->required();
}

std::vector<Grant> grants_of(const Home& home, const GrantOptions& options) {
  require_principal_name(options.name);
  const std::set<Verb> verbs = parse_verbs(options.verbs);
  const std::set<std::string> apps(options.apps.begin(), options.apps.end());
  std::vector<Grant> grants;
  grants.reserve(apps.size());
  for (const std::string& app : apps) {
    require_app_pattern(app);
    if (!is_app_pattern(app)) {
      require_app(home, app);
    }
    grants.push_back({.app = app, .verbs = verbs});
  }
  return grants;
}

std::string describe(const std::vector<Grant>& grants) {
  std::vector<std::string> parts;
  std::transform(grants.begin(), grants.end(), std::back_inserter(parts),
                 [](const Grant& grant) { return fmt::format("{}: {}", grant.app, teal::describe(grant.verbs)); });
  return parts.empty() ? "nothing" : join(parts, "; ");
}

void show_credentials(const Context& context, const std::vector<Credential>& all, std::string_view words_for_none) {
  if (context.json) {
    boost::json::array list;
    std::transform(all.begin(), all.end(), std::back_inserter(list),
                   [](const Credential& one) { return to_json(one); });
    context.print_json(list);
    return;
  }
  if (all.empty()) {
    context.print(words_for_none);
    return;
  }
  const bool are_keys = all.front().principal.kind == Principal::Kind::ssh_key;
  const TimePoint now = context.clock().now();
  std::vector<Row> rows{{"NAME", "MAY", "ADDED", "USED"}};
  for (const Credential& one : all) {
    rows.push_back({one.principal.name, describe(one.principal.grants), format_age(now - one.created),
                    one.last_used ? format_age(now - *one.last_used) : "never"});
    if (are_keys) {
      rows.back().push_back(fmt::format("{} {}", one.proof.substr(0, one.proof.find(' ')), one.fingerprint));
    }
  }
  if (are_keys) {
    rows.front().emplace_back("KEY");
  }
  context.print(format_table(std::move(rows)));
}

void tell_removed(const Context& context, const RemovedCredential& removed, std::string_view done,
                  std::string_view unknown) {
  if (context.json) {
    context.print_json({{"name", to_text(removed.name)}, {"removed", removed.was_there}});
    return;
  }
  context.print(removed.was_there ? done : unknown);
}

} // namespace teal::tool
