#include "config/schema.hpp"

#include <algorithm>
#include <chrono>

namespace teal {

namespace {

using namespace std::chrono_literals;
using Need = SettingKey::Need;

constexpr auto k_server = SettingKey::Trust::server; // nothing here may come with a push
constexpr bool k_or_none = true;

const Choices<TargetSettings::Kind> k_target_kinds{{"command", TargetSettings::Kind::command},
                                                   {"git", TargetSettings::Kind::git},
                                                   {"compose", TargetSettings::Kind::compose},
                                                   {"swarm", TargetSettings::Kind::swarm}};
const Texts k_places{"command", "git"};    ///< beside the colors
constexpr std::int64_t k_most_tasks = 100; ///< of a color on a Swarm
const Choices<TargetSettings::Command::Switch> k_switches{{"after", TargetSettings::Command::Switch::after},
                                                          {"before", TargetSettings::Command::Switch::before}};
const Choices<SourceSettings::Kind> k_source_kinds{{"webhook", SourceSettings::Kind::webhook},
                                                   {"poll", SourceSettings::Kind::poll},
                                                   {"file", SourceSettings::Kind::file},
                                                   {"registry", SourceSettings::Kind::registry}};
const Choices<SourceSettings::Forge> k_forges{
    {"github", SourceSettings::Forge::github},       {"gitea", SourceSettings::Forge::gitea},
    {"forgejo", SourceSettings::Forge::gitea},       {"gitlab", SourceSettings::Forge::gitlab},
    {"bitbucket", SourceSettings::Forge::bitbucket}, {"generic", SourceSettings::Forge::generic}};

/// A key that only some kinds have.
SettingKey of(Texts kinds, std::string_view name, std::string_view doc, Binding binding, Need need = Need::optional) {
  return {name, doc, std::move(binding), k_server, {.kinds = std::move(kinds), .need = need}};
}

/// A key that all of them have, and need.
SettingKey needed(std::string_view name, std::string_view doc, Binding binding) {
  return {name, doc, std::move(binding), k_server, {.need = Need::required}};
}

} // namespace

bool SettingKey::is_of(const std::string& kind) const {
  return in_group.kinds.empty() ||
         std::find(in_group.kinds.begin(), in_group.kinds.end(), kind) != in_group.kinds.end();
}

std::string kind_of(const std::vector<SettingKey>& keys) {
  const auto kind =
      std::find_if(keys.begin(), keys.end(), [](const SettingKey& one) { return one.name == key::k_kind; });
  return kind == keys.end() ? "" : kind->binding.write();
}

std::vector<SettingKey> schema_of(RuleSettings& rule) {
  return {
      {"branch",
       "the branches that it is for: a pattern such as release/*",
       as::text(rule.branch, rule::k_ref_pattern),
       k_server,
       {.need = Need::one_of}},
      {"tag",
       "the tags that it is for: a pattern such as v*",
       as::text(rule.tag, rule::k_ref_pattern),
       k_server,
       {.need = Need::one_of}},
      needed("deploy", "blue, green, idle, live, a target's name, or none", as::text(rule.deploy, rule::k_destination)),
  };
}

std::vector<SettingKey> schema_of(TargetSettings& target) {
  auto& [kind, command, git, compose, swarm, health] = target;
  return {
      needed(key::k_kind, "command, git, compose or swarm", as::choice(kind, k_target_kinds)),

      of({"command"}, "run", "what deploys: [program, arguments], or one text that a shell reads",
         as::command(command.run, !k_or_none), Need::required),
      of({"command"}, "user", "whom it runs as, by sudo; empty: tealhook's own user",
         as::text(command.user, rule::k_user, k_or_none)),
      of({"command"}, "deadline", "what runs longer has failed", as::duration(command.deadline, 24h)),
      of({"command"}, "directory", "where it runs: absolute, or in the commit that was checked out; empty: at its top",
         as::text(command.directory, rule::k_path, k_or_none)),
      of({"command"}, "env", "its environment: {NAME: value}", as::secret_variables(command.env)),
      of({"command"}, "shared", "paths in the repository that releases have in common; folders with '/' last",
         as::list(command.shared, rule::k_path_in_tree)),
      of({"command"}, "switch", "when 'current' leads to the release: after the command ended well, or before it runs",
         as::choice(command.switch_, k_switches)),

      of({"git"}, "url", "the remote that is pushed to", as::text(git.url, rule::k_git_url), Need::required),
      of({"git"}, "branch", "the branch that is pushed to there", as::text(git.branch, rule::k_branch)),
      of({"git"}, "token_file", "a file with its token, for https", as::text(git.token_file, rule::k_path, k_or_none)),
      of({"git"}, "key", "the file of an SSH key", as::text(git.key, rule::k_path, k_or_none)),
      of({"git"}, "known_hosts", "the file of the SSH hosts that are known",
         as::text(git.known_hosts, rule::k_path, k_or_none)),
      of({"git"}, "force", "true: what the branch has there and the commit has not is given up", as::flag(git.force)),
      of({"git"}, "deadline", "a push that takes longer has failed", as::duration(git.deadline, 24h)),

      of({"compose"}, "file", "the compose file in the commit; empty: compose.yaml, or docker-compose.yml",
         as::text(compose.file, rule::k_path_in_tree, k_or_none)),
      of({"compose"}, "service", "the service that answers requests", as::text(compose.service, rule::k_compose_name)),
      of({"compose"}, "shared", "services, volumes and networks of the file that both colors have in common",
         as::list(compose.shared, rule::k_compose_name)),
      of({"compose"}, "allow", "keys that whoever pushes may use in the file, such as privileged",
         as::list(compose.allow, rule::k_compose_key)),

      of({"swarm"}, "replicas", "how many tasks each color has", as::integer(swarm.replicas, 1, k_most_tasks)),
      of({"swarm"}, "constraints", "which nodes they may run on, such as node.labels.disk==ssd",
         as::list(swarm.constraints, rule::k_printable)),

      of(k_places, "health.url", "asked over HTTP once it is deployed; empty: nothing is",
         as::text(health.url, rule::k_http_url, k_or_none)),
      of(k_places, "health.expect", "the status codes that are healthy", as::status_codes(health.expect)),
      of(k_places, "health.interval", "the longest pause between two probes", as::duration(health.interval, 1min)),
      of(k_places, "health.timeout", "how long one probe may take", as::duration(health.timeout, 10min)),
      of(k_places, "health.deadline", "unhealthy for so long: the deployment fails", as::duration(health.deadline, 1h)),
      of(k_places, "health.settle", "it must stay healthy for so long", as::duration(health.settle, 10min, k_or_none)),
  };
}

std::vector<SettingKey> schema_of(SourceSettings& source) {
  return {
      {"name",
       "what it is called, in a URL as well",
       as::text(source.name, rule::k_source_name),
       k_server,
       {.need = Need::required, .unique = true}},
      needed(key::k_kind, "webhook, poll, file or registry", as::choice(source.kind, k_source_kinds)),

      of({"webhook"}, "forge", "who sends: github, gitea, forgejo, gitlab, bitbucket or generic",
         as::choice(source.forge, k_forges), Need::required),
      of({"file"}, "folder", "the folder that trigger files come into", as::text(source.folder, rule::k_path),
         Need::required),
      of({"file"}, "file", "the trigger file's name there", as::text(source.file, rule::k_file_name), Need::required),
      of({"file"}, "owner",
         "who may put it there beside root, tealhook's user and the folder's owner: a name, or a uid",
         as::text(source.owner, rule::k_owner, k_or_none)),
      of({"file"}, "redeploy", "true: each deploys, also a commit that was asked for last", as::flag(source.redeploy)),
      of({"webhook", "registry"}, "secret_file", "a file with the secret that the sender has, too",
         as::text(source.secret_file, rule::k_path), Need::required),
      of({"webhook", "registry"}, "old_secret_file", "the same of the secret before, while it is changed",
         as::text(source.old_secret_file, rule::k_path, k_or_none)),

      of({"poll"}, "url", "the repository that is asked", as::text(source.url, rule::k_git_url), Need::required),
      of({"webhook", "file"}, "url", "where the commit is fetched from; empty: the app's own repositories",
         as::text(source.url, rule::k_git_url, k_or_none)),
      of({"poll"}, "branch", "the branch that is looked at", as::text(source.branch, rule::k_branch), Need::one_of),
      of({"file"}, "branch", "the branch that it deploys", as::text(source.branch, rule::k_branch), Need::required),
      of({"webhook"}, "branch", "a pattern of branches that count; empty: all",
         as::text(source.branch, rule::k_ref_pattern, k_or_none)),
      of({"poll"}, "tag", "a pattern of tags that are looked for", as::text(source.tag, rule::k_ref_pattern),
         Need::one_of),
      of({"registry"}, "tag", "a pattern of the image's tags that count", as::text(source.tag, rule::k_ref_pattern),
         Need::required),
      of({"registry"}, "image", "the image, such as registry.example.com/team/shop; empty: the app's, in our registry",
         as::text(source.image, rule::k_image, k_or_none)),
      of({"poll"}, "interval",
         "between two looks; the first one deploys what is there, unless that is live or was asked for already",
         as::duration(source.interval, 24h)),
      of({"webhook", "poll", "file"}, "key", "the file of an SSH key to read with",
         as::text(source.key, rule::k_path, k_or_none)),
      of({"webhook", "poll", "file"}, "known_hosts", "the file of the SSH hosts that are known",
         as::text(source.known_hosts, rule::k_path, k_or_none)),
      of({"webhook", "poll", "file"}, "token_file", "a file with a token to read with, for https",
         as::text(source.token_file, rule::k_path, k_or_none)),
      of({"webhook"}, "repo",
         "OWNER/NAME at the forge, as 'tealhook observe' sets it: its API is asked; empty: it is not",
         as::text(source.repo, rule::k_forge_repository, k_or_none)),
      of({"webhook"}, "api", "where the forge's API is; empty: where that forge has it",
         as::text(source.api, rule::k_public_url, k_or_none)),
      of({"webhook"}, "public_url", "as the forge reaches 'tealhook serve'; empty: serve.public_url",
         as::text(source.public_url, rule::k_public_url, k_or_none)),
      of({"webhook"}, "statuses", "with repo: true tells the forge what becomes of its commits",
         as::flag(source.statuses)),
      of({"webhook", "poll", "file"}, "paths", "patterns of paths, of which one must have changed; empty: any",
         as::list(source.paths, rule::k_path_pattern)),
  };
}

std::vector<SettingKey> schema_of(ReceiverSettings& settings) {
  return {
      {"file", "what trigger files are called, of {app}, {source}, {owner}, {repo} and {branch}",
       as::text(settings.file, rule::k_trigger_file_pattern)},
      {"trusted_proxies", "addresses and ranges that are believed when they say whom they ask for",
       as::list(settings.trusted_proxies, rule::k_address_range)},
      {.name = "sources", .doc = "who may send", .groups = as::group_list(settings.sources)},
  };
}

std::vector<SettingKey> schema_of(ReceiverSettings::Source& source) {
  return {
      needed("app", "the app, as the URL names it: /hook/APP/NAME", as::text(source.app, rule::k_source_name)),
      needed("name", "the source, as the URL names it", as::text(source.name, rule::k_source_name)),
      needed("forge", "who sends: github, gitea, forgejo, gitlab, bitbucket or generic",
             as::choice(source.forge, k_forges)),
      needed("secret_file", "a file with the secret that the sender has, too",
             as::text(source.secret_file, rule::k_path)),
      {"old_secret_file", "the same of the secret before, while it is changed",
       as::text(source.old_secret_file, rule::k_path, k_or_none)},
      {"branch", "a pattern of branches that count; empty: all",
       as::text(source.branch, rule::k_ref_pattern, k_or_none)},
  };
}

} // namespace teal
