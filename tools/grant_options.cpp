#include "grant_options.hpp"

#include "config/load.hpp"
#include "core/text.hpp"

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

} // namespace teal::tool
